package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Ports are taken from below the range that systems use for outgoing connections: a cluster keeps its port while its API
// server is down, and no connection of anybody may settle there meanwhile.
const firstPort, lastPort = 17000, 29999

// takePorts reserves free ports on the loopback address. The reservation, a lock on a file for each port, holds against other
// clusters of this user for as long as this process lives. A port may still be lost to another program before it is used.
func takePorts(n int) ([]int, error) {
	locks := filepath.Join(os.TempDir(), fmt.Sprintf("fairlead-testbed-ports-%d", os.Getuid()))
	if err := os.MkdirAll(locks, 0o700); err != nil {
		return nil, err
	}
	var ports []int
	for range 1000 {
		if len(ports) == n {
			return ports, nil
		}
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		free, err := takePort(locks, port)
		if err != nil {
			return nil, err
		}
		if free {
			ports = append(ports, port)
		}
	}
	return nil, errors.New("no free port found")
}

func takePort(locks string, port int) (bool, error) {
	fd, err := syscall.Open(filepath.Join(locks, strconv.Itoa(port)), syscall.O_CREAT|syscall.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return false, err
	}
	if syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false, syscall.Close(fd)
	}
	listener, err := net.Listen("tcp", loopback(port))
	if err != nil {
		return false, syscall.Close(fd)
	}
	// The file stays open, and thereby locked, until this process ends.
	return true, listener.Close()
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
