// Command podnet is the network of one pod, without bridges, rules and addresses on the machine: a network namespace of its own,
// in which the API server answers where a pod finds it.
//
//	podnet --address 10.96.0.1 --reach 10.96.0.1:443=127.0.0.1:6443 --reach 127.0.0.1:3000=127.0.0.1:3000 --expose 8080
//
// --reach INSIDE=OUTSIDE  who connects to INSIDE in the namespace is connected to OUTSIDE on the machine
// --expose PORT           a free port of the machine's loopback address leads to this port of the namespace's
// --address ADDRESS       an address that the namespace has besides 127.0.0.1
//
// Prints "netns PATH", then "port PORT ADDRESS" for each --expose, and then "ready". Needs CAP_SYS_ADMIN and CAP_NET_ADMIN. Ends, and the
// namespace with it, when its standard input does.
//
// A socket stays in the namespace that it was made in: one thread is inside, makes listeners and connections, and hands them out.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"strings"
	"time"

	"fairlead.dev/testbed/cmd/internal/relay"
	"golang.org/x/sys/unix"
)

type words []string

func (w *words) String() string { return strings.Join(*w, " ") }

func (w *words) Set(word string) error {
	*w = append(*w, word)
	return nil
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("podnet: ")
	var reach, expose, addresses words
	flag.Var(&reach, "reach", "INSIDE=OUTSIDE")
	flag.Var(&expose, "expose", "a port")
	flag.Var(&addresses, "address", "a further address of the namespace")
	flag.Parse()
	if err := run(reach, expose, addresses); err != nil {
		log.Fatal(err)
	}
}

func run(reach, expose, addresses []string) error {
	in, err := newInside(addresses)
	if err != nil {
		return err
	}
	fmt.Println("netns", in.path)
	for _, pair := range reach {
		from, to, found := strings.Cut(pair, "=")
		if !found {
			return fmt.Errorf("--reach %s: INSIDE=OUTSIDE", pair)
		}
		listener, err := in.listen(from)
		if err != nil {
			return err
		}
		go relay.Serve(listener, func() (net.Conn, error) { return net.DialTimeout("tcp", to, patience) })
	}
	for _, port := range expose {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		fmt.Println("port", port, listener.Addr())
		go relay.Serve(listener, func() (net.Conn, error) { return in.dial("127.0.0.1:" + port) })
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

const patience = 5 * time.Second

// inside is the thread that is in the namespace.
type inside struct {
	path string
	work chan func()
}

func newInside(addresses []string) (*inside, error) {
	in := &inside{work: make(chan func())}
	entered := make(chan error)
	go func() {
		// Never unlocked: a thread that was in another namespace is of no use to anybody else.
		runtime.LockOSThread()
		err := enter(addresses)
		in.path = fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
		entered <- err
		for work := range in.work {
			work()
		}
	}()
	return in, <-entered
}

func enter(addresses []string) error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("a network namespace: %w", err)
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	up, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	up.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, up); err != nil {
		return fmt.Errorf("lo: %w", err)
	}
	for i, address := range addresses {
		alias, err := unix.NewIfreq(fmt.Sprintf("lo:%d", i))
		if err != nil {
			return err
		}
		if err := alias.SetInet4Addr(net.ParseIP(address).To4()); err != nil {
			return fmt.Errorf("--address %s: %w", address, err)
		}
		if err := unix.IoctlIfreq(socket, unix.SIOCSIFADDR, alias); err != nil {
			return fmt.Errorf("--address %s: %w", address, err)
		}
	}
	return nil
}

func (in *inside) listen(address string) (listener net.Listener, err error) {
	done := make(chan struct{})
	in.work <- func() {
		listener, err = net.Listen("tcp", address)
		close(done)
	}
	<-done
	return listener, err
}

func (in *inside) dial(address string) (connection net.Conn, err error) {
	done := make(chan struct{})
	in.work <- func() {
		// An address in numbers is dialled on the thread that asks.
		dialer := net.Dialer{Timeout: patience}
		connection, err = dialer.DialContext(context.Background(), "tcp", address)
		close(done)
	}
	<-done
	return connection, err
}
