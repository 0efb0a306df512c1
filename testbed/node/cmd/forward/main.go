// Command forward lets a node reach what listens on the machine's loopback address alone: each argument LISTEN=TARGET is an address
// that it listens at, and the one that whoever connects is connected to.
package main

import (
	"io"
	"log"
	"net"
	"os"
	"strings"
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
		go serve(listener, to)
	}
	select {}
}

func serve(listener net.Listener, target string) {
	for {
		near, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer near.Close()
			far, err := net.Dial("tcp", target)
			if err != nil {
				return // as it is seen from there: closed
			}
			defer far.Close()
			go pass(far, near)
			pass(near, far)
		}()
	}
}

func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.(*net.TCPConn).CloseWrite()
}
