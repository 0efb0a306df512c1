// Command forward lets a node reach what listens on the machine's loopback address alone: each argument LISTEN=TARGET is an address
// that it listens at, and the one that whoever connects is connected to.
package main

import (
	"log"
	"net"
	"os"
	"strings"

	"fairlead.dev/testbed/cmd/internal/relay"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("forward: ")
	for _, pair := range os.Args[1:] {
		from, to, found := strings.Cut(pair, "=")
		if !found {
			log.Fatalf("%s: LISTEN=TARGET", pair)
		}
		listener, err := net.Listen("tcp", from)
		if err != nil {
			log.Fatal(err)
		}
		go relay.Serve(listener, func() (net.Conn, error) { return net.Dial("tcp", to) })
	}
	select {}
}
