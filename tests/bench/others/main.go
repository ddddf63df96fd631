// main.go - what floor.c does, with slack-go: acknowledge each envelope, post into its thread.
//
// Usage: slack-go API_URL [TOOL CHILDREN]; the tokens come from the environment.
package main

import (
	"log"
	"os"
	"os/exec"
	"strconv"
	"sync"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

func look() {
	exec.Command(os.Args[2], "get", "-n", "chatops", "-o=json", "--", "deployment/chatops-gateway").Output()
}

// All but the last side by side, as the floor does.
func runChildren(children int) {
	var together sync.WaitGroup
	for i := 0; i < children-1; i++ {
		together.Go(look)
	}
	together.Wait()
	if children > 0 {
		look()
	}
}

func main() {
	children := 0
	if len(os.Args) > 3 {
		children, _ = strconv.Atoi(os.Args[3])
	}
	api := slack.New(os.Getenv("SLACK_BOT_TOKEN"), slack.OptionAPIURL(os.Args[1]),
		slack.OptionAppLevelToken(os.Getenv("SLACK_APP_TOKEN")))
	client := socketmode.New(api)
	go func() {
		for event := range client.Events {
			if event.Type != socketmode.EventTypeEventsAPI {
				continue
			}
			client.Ack(*event.Request)
			outer := event.Data.(slackevents.EventsAPIEvent)
			if mention, ok := outer.InnerEvent.Data.(*slackevents.AppMentionEvent); ok {
				go func() {
					runChildren(children)
					api.PostMessage(mention.Channel, slack.MsgOptionText("done", false),
						slack.MsgOptionTS(mention.TimeStamp))
				}()
			}
		}
	}()
	log.Fatal(client.Run())
}
