package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// attributes make the kernel kill a component when its supervisor is gone, however that ended; a group of its own keeps a
// terminal's Ctrl-C away from it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// spawner starts programs from one thread that lives as long as the process: the kernel takes the death of the thread that
// started a program for the death of its parent.
type spawner chan func()

func newSpawner() spawner {
	work := make(spawner)
	go func() {
		runtime.LockOSThread()
		for start := range work {
			start()
		}
	}()
	return work
}

func (s spawner) start(cmd *exec.Cmd) error {
	result := make(chan error)
	s <- func() { result <- cmd.Start() }
	return <-result
}
