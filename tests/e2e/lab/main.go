// main.go - a Kubernetes control plane in one program: the first argument picks the part.
//
// kubelab etcd|apiserver|controllers|scheduler|kubelets FLAGS... runs that server with its own
// flags; kubelab freeports N, genkey FILE and token are what a start script needs besides.
//
// One program and not five: the packages that they share are linked, stored and loaded once.
package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"os"
	"strconv"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kwokconfig "sigs.k8s.io/kwok/pkg/config"
	kwokcmd "sigs.k8s.io/kwok/pkg/kwok/cmd"
	kwoklog "sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/signals"
)

const usage = `usage: kubelab etcd|apiserver|controllers|scheduler|kubelets FLAGS...
       kubelab freeports N | genkey FILE | token
`

// The ports that other programs do not take by themselves: below Linux's range for outgoing
// connections, so that nothing slips in between our look and the server's bind.
const (
	firstPort = 10000
	lastPort  = 31999
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	// The servers read os.Args themselves and expect their own name in front.
	part := os.Args[1]
	os.Args = os.Args[1:]

	var err error
	switch part {
	case "etcd":
		etcdmain.Main(os.Args)
	case "apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "controllers":
		os.Exit(cli.Run(controllers.NewControllerManagerCommand()))
	case "scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "kubelets":
		err = kubelets()
	case "freeports":
		err = freeports(argument())
	case "genkey":
		err = genkey(argument())
	case "token":
		err = token()
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "kubelab %s: %v\n", part, err)
		os.Exit(1)
	}
}

func argument() string {
	if len(os.Args) != 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	return os.Args[1]
}

// kubelets runs kwok, which plays every kubelet.  cobra adds the global flag set to a command, and
// component-base has put a "version" flag of another type there: kwok gets a fresh one.
func kubelets() error {
	pflag.CommandLine = pflag.NewFlagSet("kubelets", pflag.ExitOnError)
	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}

	ctx, _ := kwoklog.InitFlags(signals.SetupSignalContext(), flags)
	ctx, err := kwokconfig.InitFlags(ctx, flags)
	if err != nil {
		return err
	}
	command := kwokcmd.NewCommand(ctx)
	command.PersistentFlags().AddFlagSet(flags)
	return command.ExecuteContext(ctx)
}

// freeports prints n ports of 127.0.0.1 that nobody listens on, one a line, all different.
func freeports(n string) error {
	count, err := strconv.Atoi(n)
	if err != nil || count < 1 || count > 100 {
		return fmt.Errorf("%q is no number of ports between 1 and 100", n)
	}
	start := mathrand.IntN(lastPort - firstPort + 1)
	for tried := 0; count > 0; tried++ {
		if tried > lastPort-firstPort {
			return fmt.Errorf("no free ports between %d and %d", firstPort, lastPort)
		}
		port := firstPort + (start+tried)%(lastPort-firstPort+1)
		listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		listener.Close()
		fmt.Println(port)
		count--
	}
	return nil
}

// genkey writes the RSA key that service account tokens are signed with.
func genkey(file string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	block := pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return os.WriteFile(file, pem.EncodeToMemory(&block), 0o600)
}

// token prints 128 random bits.
func token() error {
	bits := make([]byte, 16)
	if _, err := rand.Read(bits); err != nil {
		return err
	}
	fmt.Println(hex.EncodeToString(bits))
	return nil
}
