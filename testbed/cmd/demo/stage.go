package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	systemNamespace = "fairlead-system"
	siteNamespace   = "portfolio"
	syncName        = "portfolio"
)

// stage is everything that runs during a demo, and the one directory that all of it writes to.
type stage struct {
	home string // the checkout
	dir  string
	keep bool

	gitURL  string // of the Git server
	address string // of the daemon's metrics
	running []*process
}

// process is a program that the demo started; ended is closed when it has ended and was reaped.
type process struct {
	name  string
	cmd   *exec.Cmd
	ended chan struct{}
}

func newStage(home string, keep bool) (*stage, error) {
	dir, err := os.MkdirTemp("", "fairlead-demo-")
	if err != nil {
		return nil, err
	}
	// The programs name their directory in their command lines, by which "stop" knows them again: a path without links.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	for _, sub := range []string{"home", "git", "work"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	return &stage{home: home, dir: dir, keep: keep}, nil
}

func (s *stage) kubeconfig() string  { return filepath.Join(s.dir, "cluster", "kubeconfig") }
func (s *stage) operatorLog() string { return filepath.Join(s.dir, "operator.log") }

// program is the path of one of the testbed's programs.
func (s *stage) program(name string) string {
	self, err := os.Executable()
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(self), name)
}

// environment is ours without what would make git, kubectl or the daemon behave differently on this machine.
func (s *stage) environment(more ...string) []string {
	var kept []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		switch {
		case name == "FAIRLEAD_JAVA":
		case strings.HasPrefix(name, "GIT_"), strings.HasPrefix(name, "KUBE"), strings.HasPrefix(name, "FAIRLEAD_"),
			strings.HasSuffix(strings.ToLower(name), "_proxy"):
			continue
		}
		kept = append(kept, variable)
	}
	return append(kept, more...)
}

// private is the environment of git and kubectl: nobody's configuration, nobody's cache, and their messages in English.
func (s *stage) private() []string {
	return s.environment("HOME="+filepath.Join(s.dir, "home"), "XDG_CONFIG_HOME="+filepath.Join(s.dir, "home"), "LC_ALL=C",
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "KUBECONFIG="+s.kubeconfig())
}

// tie makes a program of the testbed end when the demo is gone, except when it is to be left running.
func (s *stage) tie(args ...string) []string {
	if s.keep {
		return args
	}
	return append(args, "--with-parent", strconv.Itoa(os.Getpid()))
}

// startControlPlane returns when pods can run. It is not interrupted: half a control plane would be harder to end than a whole one.
func (s *stage) startControlPlane() error {
	log, err := os.Create(filepath.Join(s.dir, "cluster.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	// Its output is a file, not a pipe: what it leaves running would hold the pipe open.
	cmd := exec.Command(filepath.Join(s.home, "testbed", "cluster"),
		s.tie("start", filepath.Join(s.dir, "cluster"), "--timeout", "40s")...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = s.environment(), log, log, attributes(!s.keep)
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(log.Name())
		return fmt.Errorf("the control plane did not start: %w\n%s", err, text)
	}
	return nil
}

// startGitServer returns when it answers.
func (s *stage) startGitServer(ctx context.Context) error {
	p, err := s.start("gitserver", s.private(), s.program("gitserver"), s.tie("--dir", filepath.Join(s.dir, "git"))...)
	if err != nil {
		return err
	}
	s.gitURL, err = s.awaitLine(ctx, p, regexp.MustCompile(`(?m)^(http://\S+)$`))
	return err
}

// startOperator runs the daemon by its launcher, as anybody would, and returns when it listens.
func (s *stage) startOperator(ctx context.Context) error {
	p, err := s.start("operator", s.environment(), filepath.Join(s.home, "fairlead"), "operator",
		"--kubeconfig", s.kubeconfig(), "--namespace", systemNamespace, "--listen", "127.0.0.1:0",
		"--ui-listen", "127.0.0.1:0", "--hook-listen", "127.0.0.1:0", "--probe-listen", "127.0.0.1:0", "--cache-dir", filepath.Join(s.dir, "cache"))
	if err != nil {
		return err
	}
	s.address, err = s.awaitLine(ctx, p, regexp.MustCompile(`Listening address=(\S+)`))
	return err
}

// start runs a program with a log of its own.
func (s *stage) start(name string, environment []string, program string, args ...string) (*process, error) {
	log, err := os.Create(filepath.Join(s.dir, name+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = s.dir, environment, log, log, attributes(!s.keep)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{name, cmd, make(chan struct{})}
	s.running = append(s.running, p)
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	return p, s.writePids()
}

// awaitLine reads a program's log until it says what is looked for.
func (s *stage) awaitLine(ctx context.Context, p *process, pattern *regexp.Regexp) (string, error) {
	path := filepath.Join(s.dir, p.name+".log")
	deadline := time.After(20 * time.Second)
	for {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if found := pattern.FindSubmatch(text); found != nil {
			return string(found[1]), nil
		}
		select {
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-p.ended:
			return "", fmt.Errorf("%s ended (%v) instead of starting:\n%s", p.name, p.cmd.ProcessState, text)
		case <-deadline:
			return "", fmt.Errorf("%s did not say %q in 20 s, but:\n%s", p.name, pattern, text)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// lost names a program that ought to run and does not.
func (s *stage) lost() error {
	for _, p := range s.running {
		select {
		case <-p.ended:
			return fmt.Errorf("%s has ended meanwhile: %v", p.name, p.cmd.ProcessState)
		default:
		}
	}
	return nil
}

// end stops everything, the daemon first and in an orderly way, and removes the directory.
func (s *stage) end() error {
	var failures []error
	for i := len(s.running) - 1; i >= 0; i-- {
		p := s.running[i]
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(10 * time.Second):
			failures = append(failures, fmt.Errorf("%s did not end within 10 s of SIGTERM", p.name))
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
	}
	if err := stopCluster(s.program("cluster"), s.dir); err != nil {
		failures = append(failures, err)
	}
	return errors.Join(append(failures, os.RemoveAll(s.dir))...)
}

func stopCluster(program, dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "cluster")); err != nil {
		return nil
	}
	if output, err := exec.Command(program, "stop", filepath.Join(dir, "cluster")).CombinedOutput(); err != nil {
		return fmt.Errorf("the control plane did not stop: %w\n%s", err, output)
	}
	return nil
}

func (s *stage) writePids() error {
	var text strings.Builder
	for _, p := range s.running {
		fmt.Fprintf(&text, "%s %d\n", p.name, p.cmd.Process.Pid)
	}
	return os.WriteFile(filepath.Join(s.dir, "pids"), []byte(text.String()), 0o600)
}

// stopKept ends what a demo with --keep left running. A process id may belong to another program by now: only those are ended
// whose command line names the demo's directory.
func stopKept(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	pids, err := os.Open(filepath.Join(dir, "pids"))
	if err != nil || !strings.HasPrefix(filepath.Base(dir), "fairlead-demo-") {
		return fmt.Errorf("%s is not the directory of a demo", dir)
	}
	defer pids.Close()
	for lines := bufio.NewScanner(pids); lines.Scan(); {
		name, number, _ := strings.Cut(lines.Text(), " ")
		pid, err := strconv.Atoi(number)
		if err != nil || !strings.Contains(commandLine(pid), dir) {
			continue
		}
		if err := endByPid(name, pid, dir); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := stopCluster(filepath.Join(filepath.Dir(self), "cluster"), dir); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

func endByPid(name string, pid int, dir string) error {
	_ = syscall.Kill(pid, syscall.SIGTERM)
	for deadline := time.Now().Add(10 * time.Second); strings.Contains(commandLine(pid), dir); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("%s (pid %d) did not end within 10 s of SIGTERM", name, pid)
		}
	}
	return nil
}

// commandLine is empty for a process that is gone.
func commandLine(pid int) string {
	if line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return string(line)
	}
	line, _ := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return string(line)
}
