package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	pidsFile    = "pids"
	controlFile = "control"
	logFile     = "supervisor.log"
)

// stateFiles go when a cluster ends; its logs stay.
var stateFiles = []string{"etcd", pidsFile, controlFile, serverFile}

// start runs a supervisor, detached from this terminal, and waits for its word.
func start(dir string, o options, args []string, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if left := leftovers(dir); len(left) > 0 {
		return fmt.Errorf("a cluster runs in %s already (%s); stop it first", dir, left[0].name)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(dir, logFile), os.O_TRUNC|os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	defer reader.Close()
	began := time.Now()
	cmd := exec.Command(self, append([]string{supervise, dir}, args...)...)
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log, log, []*os.File{writer}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	_ = writer.Close()
	word, err := io.ReadAll(reader)
	if err != nil {
		return err
	}
	if string(word) != "ready" {
		_ = cmd.Wait()
		if len(word) == 0 {
			return fmt.Errorf("the supervisor ended without a word; see %s", log.Name())
		}
		return errors.New(string(word))
	}
	_, err = fmt.Fprintf(out, "ready in %.1f s: export KUBECONFIG=%s\n", time.Since(began).Seconds(), quote(kubeconfigPath(dir)))
	return err
}

// stop ends a cluster through its supervisor. When that is gone, whatever is left of it is killed by process id.
func stop(dir string) error {
	left := leftovers(dir)
	_, err := ask(dir, stopCluster)
	deadline := time.Now().Add(orderly)
	for {
		left = slices.DeleteFunc(left, func(p process) bool { return !alive(p.pid) })
		if len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s (pid %d) is still there (%v)", left[0].name, left[0].pid, err)
		}
		if err != nil {
			for _, p := range left {
				_ = syscall.Kill(p.pid, syscall.SIGKILL)
			}
		}
		time.Sleep(pollEvery)
	}
	for _, name := range stateFiles {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

type process struct {
	name string
	pid  int
}

// leftovers are the lines "name pid" of the pids file whose process lives and is indeed one of this cluster: a process id may
// have been given to another program meanwhile, whose command line does not name our directory.
func leftovers(dir string) []process {
	content, err := os.ReadFile(filepath.Join(dir, pidsFile))
	if err != nil {
		return nil
	}
	var left []process
	for line := range strings.Lines(string(content)) {
		name, pid, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, err := strconv.Atoi(pid)
		if err == nil && alive(number) && strings.Contains(commandLine(number), dir) {
			left = append(left, process{name, number})
		}
	}
	return left
}

func commandLine(pid int) string {
	if line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return string(line)
	}
	line, _ := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return string(line)
}

// alive is false also for a process that has ended and that its parent has not reaped.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) == syscall.ESRCH {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !errors.Is(err, os.ErrNotExist) || !procMounted()
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z")
}

func procMounted() bool {
	_, err := os.Stat("/proc/self/stat")
	return err == nil
}

func status(dir string, out io.Writer) error {
	left := leftovers(dir)
	if len(left) == 0 {
		return fmt.Errorf("no cluster runs in %s", dir)
	}
	for _, p := range left {
		if _, err := fmt.Fprintf(out, "%-24s %8d  %s\n", p.name, p.pid, filepath.Join(dir, p.name+".log")); err != nil {
			return err
		}
	}
	return nil
}

// A socket's path may have about 100 bytes only, and a test's directory is longer: so both ends go into the directory.

func listenControl(dir string) (net.Listener, error) {
	if err := os.Chdir(dir); err != nil {
		return nil, err
	}
	_ = os.Remove(controlFile)
	return net.Listen("unix", controlFile)
}

func ask(dir, verb string) (string, error) {
	if err := os.Chdir(dir); err != nil {
		return "", fmt.Errorf("there is no cluster in %s", dir)
	}
	connection, err := net.Dial("unix", controlFile)
	if err != nil {
		return "", fmt.Errorf("no cluster runs in %s", dir)
	}
	defer connection.Close()
	if _, err := fmt.Fprintln(connection, verb); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(connection)
	if err != nil {
		return "", err
	}
	if message, failed := strings.CutPrefix(string(answer), "error: "); failed {
		return "", errors.New(message)
	}
	if string(answer) != "ok" {
		return "", fmt.Errorf("the supervisor ended meanwhile; see %s", filepath.Join(dir, logFile))
	}
	return string(answer), nil
}
