// Package relay leads connections on to elsewhere.
package relay

import (
	"io"
	"log"
	"net"
)

// Serve connects whoever connects to the listener with what dial gives; without that it closes the connection. It ends with the
// process.
func Serve(listener net.Listener, dial func() (net.Conn, error)) {
	for {
		near, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer near.Close()
			far, err := dial()
			if err != nil {
				return // as it is seen from there: closed
			}
			defer far.Close()
			go pass(far, near)
			pass(near, far)
		}()
	}
}

// pass hands on what comes, and its end.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.(*net.TCPConn).CloseWrite()
}
