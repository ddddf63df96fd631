// main.go - what floor.c does, with slack-go: acknowledge each envelope, post into its thread.
//
// Usage: slack-go API_URL; the tokens come from the environment.
package main

import (
	"log"
	"os"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

func main() {
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
				go api.PostMessage(mention.Channel, slack.MsgOptionText("done", false),
					slack.MsgOptionTS(mention.TimeStamp))
			}
		}
	}()
	log.Fatal(client.Run())
}
