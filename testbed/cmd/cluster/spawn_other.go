//go:build !linux

package main

import (
	"os/exec"
	"syscall"
)

// attributes: without Linux nothing ends a component whose supervisor was killed; "cluster stop" does.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

type spawner struct{}

func newSpawner() spawner { return spawner{} }

func (spawner) start(cmd *exec.Cmd) error { return cmd.Start() }
