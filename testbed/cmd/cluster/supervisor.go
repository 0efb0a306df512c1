package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Verbs that the supervisor answers; supervise itself is how it is started.
const (
	supervise      = "supervise"
	stopCluster    = "stop"
	stopAPIServer  = "stop-apiserver"
	killAPIServer  = "kill-apiserver"
	startAPIServer = "start-apiserver"
)

const (
	defaultTimeout = 2 * time.Minute
	// attempts to start with other ports, when one was lost to another program
	attempts = 5
	// orderly is how long a process may take to end when it was told to
	orderly = 10 * time.Second
	// drain is how long kube-apiserver may take to end by itself. It would wait a minute for watches that nobody ends.
	drain     = 2 * time.Second
	pollEvery = 25 * time.Millisecond
	// readyFD is where the supervisor tells its starter how it went: "ready", or what is wrong.
	readyFD = 3
)

type options struct {
	nodes         int
	stages        []string
	apiserverArgs []string
	parent        int
	timeout       time.Duration
}

// component is one running program; done is closed when it has ended and was reaped.
type component struct {
	cmd  *exec.Cmd
	done chan struct{}
}

func (c *component) running() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// supervisor is the parent of all components of one cluster. Its methods may be called by any goroutine; the lock is held
// while the components change, also while an API server is awaited, so that verbs take effect one after another.
type supervisor struct {
	dir     string
	options options
	life    context.Context // ends when the cluster is to end

	lock       sync.Mutex
	ports      ports
	components map[string]*component
	spawner    spawner
}

// superviseCluster is the life of the supervisor process: start all, answer verbs, end all.
func superviseCluster(dir string, o options) error {
	// The starter waits for the end of this pipe, so no component may inherit it.
	syscall.CloseOnExec(readyFD)
	report := os.NewFile(readyFD, "ready")
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	s := &supervisor{dir: dir, options: o, life: ctx, components: map[string]*component{}, spawner: newSpawner()}
	if o.parent > 0 {
		go func() {
			defer cancel()
			for alive(o.parent) {
				time.Sleep(500 * time.Millisecond)
			}
		}()
	}
	listener, err := s.start()
	if err != nil {
		s.end()
		_, _ = fmt.Fprint(report, err.Error())
		return err
	}
	_, _ = fmt.Fprint(report, "ready")
	_ = report.Close()
	var answers sync.WaitGroup
	answers.Go(func() { s.serve(listener, &answers, cancel) })
	<-ctx.Done()
	s.end()
	_ = listener.Close()
	answers.Wait()
	return nil
}

func (s *supervisor) start() (net.Listener, error) {
	ctx, cancel := context.WithTimeout(s.life, s.options.timeout)
	defer cancel()
	var err error
	for range attempts {
		if err = s.startOnce(ctx); err == nil || !s.lostPort() {
			break
		}
		s.end()
	}
	if err != nil {
		return nil, err
	}
	return listenControl(s.dir)
}

func (s *supervisor) startOnce(ctx context.Context) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, name := range []string{"etcd", etcd + ".log", apiserver + ".log", controllerManager + ".log", scheduler + ".log", kwok + ".log"} {
		if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
			return err
		}
	}
	taken, err := takePorts(3)
	if err != nil {
		return err
	}
	s.ports = ports{taken[0], taken[1], taken[2]}
	if err := writeCredentials(s.dir); err != nil {
		return err
	}
	token, err := os.ReadFile(filepath.Join(s.dir, tokenFile))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.dir, serverFile), []byte(s.ports.server()+"\n"), 0o600); err != nil {
		return err
	}
	if err := writeKubeconfig(s.dir, kubeconfigPath(s.dir), s.ports.server(), adminName, string(token)); err != nil {
		return err
	}
	if err := s.spawn(etcd, etcdArgs(s.dir, s.ports)); err != nil {
		return err
	}
	if err := s.await(ctx, "etcd listens", func() error {
		connection, err := net.Dial("tcp", loopback(s.ports.etcdClient))
		if err != nil {
			return err
		}
		return connection.Close()
	}); err != nil {
		return err
	}
	if err := s.startAPIServer(ctx); err != nil {
		return err
	}
	return s.startRest(ctx)
}

func (s *supervisor) startAPIServer(ctx context.Context) error {
	if c := s.components[apiserver]; c != nil && c.running() {
		return errors.New("kube-apiserver is running already")
	}
	if err := s.spawn(apiserver, apiserverArgs(s.dir, s.ports, s.options.apiserverArgs)); err != nil {
		return err
	}
	client, err := newAPI(s.dir, s.ports.server())
	if err != nil {
		return err
	}
	return s.await(ctx, "kube-apiserver is ready", func() error { return client.ready(ctx) })
}

func (s *supervisor) startRest(ctx context.Context) error {
	programs := map[string][]string{
		controllerManager: controllerManagerArgs(s.dir),
		scheduler:         schedulerArgs(s.dir),
	}
	// It would pretend for a real node too.
	if s.options.nodes > 0 {
		dirs, err := stageDirs(s.options)
		if err != nil {
			return err
		}
		if programs[kwok], err = kwokArgs(s.dir, dirs); err != nil {
			return err
		}
	}
	for name, args := range programs {
		if err := s.spawn(name, args); err != nil {
			return err
		}
	}
	client, err := newAPI(s.dir, s.ports.server())
	if err != nil {
		return err
	}
	for i := range s.options.nodes {
		if err := client.createNode(ctx, nodeName(i)); err != nil {
			return fmt.Errorf("node %s: %w", nodeName(i), err)
		}
	}
	for i := range s.options.nodes {
		if err := s.await(ctx, "pods can run", func() error { return client.usable(ctx, nodeName(i)) }); err != nil {
			return err
		}
	}
	return s.await(ctx, "pods are admitted", func() error { return client.admits(ctx) })
}

func nodeName(i int) string { return fmt.Sprintf("node-%d", i+1) }

// spawn starts a program of this cluster with its own log.
func (s *supervisor) spawn(name string, args []string) error {
	log, err := os.OpenFile(filepath.Join(s.dir, name+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(binaries(), name), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	cmd.SysProcAttr = attributes()
	if err := s.spawner.start(cmd); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c := &component{cmd: cmd, done: make(chan struct{})}
	s.components[name] = c
	go func() {
		defer close(c.done)
		err := cmd.Wait()
		fmt.Printf("%s %s (pid %d) ended: %v\n", time.Now().Format(time.RFC3339), name, cmd.Process.Pid, err)
	}()
	return s.writePids()
}

// await polls until check gives no error; it fails at the deadline, or when a component has ended, and then shows its log.
func (s *supervisor) await(ctx context.Context, what string, check func() error) error {
	for {
		err := check()
		if err == nil {
			return nil
		}
		for name, c := range s.components {
			if !c.running() {
				return fmt.Errorf("%s ended (%s) before %s:\n%s", name, c.cmd.ProcessState, what, s.tail(name))
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("gave up waiting until %s: %w; the logs are in %s", what, err, s.dir)
		case <-time.After(pollEvery):
		}
	}
}

// lostPort tells whether the start failed because another program took a port meanwhile.
func (s *supervisor) lostPort() bool {
	for name, c := range s.components {
		if !c.running() && strings.Contains(s.tail(name), "address already in use") {
			return true
		}
	}
	return false
}

// tail is the end of a component's log, with its path.
func (s *supervisor) tail(name string) string {
	const lines = 12
	path := filepath.Join(s.dir, name+".log")
	content, _ := os.ReadFile(path)
	all := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n") + "\n(" + path + ")"
}

func (s *supervisor) writePids() error {
	var text strings.Builder
	fmt.Fprintf(&text, "supervisor %d\n", os.Getpid())
	for _, name := range []string{etcd, apiserver, controllerManager, scheduler, kwok} {
		if c := s.components[name]; c != nil && c.running() {
			fmt.Fprintf(&text, "%s %d\n", name, c.cmd.Process.Pid)
		}
	}
	path := filepath.Join(s.dir, pidsFile)
	if err := os.WriteFile(path+".new", []byte(text.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// end kills all that runs. The data is of no use to anyone afterwards, so there is nothing to wait for.
func (s *supervisor) end() {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, c := range s.components {
		_ = c.cmd.Process.Kill()
	}
	for _, c := range s.components {
		<-c.done
	}
	for _, name := range stateFiles {
		_ = os.RemoveAll(filepath.Join(s.dir, name))
	}
}

func (s *supervisor) serve(listener net.Listener, answers *sync.WaitGroup, cancel func()) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		answers.Go(func() {
			defer connection.Close()
			_ = connection.SetReadDeadline(time.Now().Add(orderly))
			verb, err := bufio.NewReader(connection).ReadString('\n')
			if err != nil {
				return
			}
			if verb = strings.TrimSpace(verb); verb == stopCluster {
				cancel()
				s.end()
				_, _ = fmt.Fprint(connection, "ok")
				return
			}
			if err := s.handle(verb); err != nil {
				_, _ = fmt.Fprintf(connection, "error: %v", err)
				return
			}
			_, _ = fmt.Fprint(connection, "ok")
		})
	}
}

func (s *supervisor) handle(verb string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	switch verb {
	case killAPIServer:
		return s.endAPIServer(syscall.SIGKILL)
	case stopAPIServer:
		return s.endAPIServer(syscall.SIGTERM)
	case startAPIServer:
		ctx, cancel := context.WithTimeout(s.life, s.options.timeout)
		defer cancel()
		if err := s.startAPIServer(ctx); err != nil {
			return err
		}
		return s.startRest(ctx)
	default:
		return fmt.Errorf("%q is no verb", verb)
	}
}

// endAPIServer ends kube-apiserver, and with it those that can do nothing without it. They would find it again, but only after
// a back-off of up to a minute, which is no part of what a test of an outage wants to see; so they start anew when it does.
func (s *supervisor) endAPIServer(by syscall.Signal) error {
	server := s.components[apiserver]
	_ = server.cmd.Process.Signal(by)
	select {
	case <-server.done:
	case <-time.After(drain):
		_ = server.cmd.Process.Kill()
		<-server.done
	}
	for _, name := range []string{controllerManager, scheduler, kwok} {
		if c := s.components[name]; c != nil {
			_ = c.cmd.Process.Kill()
			<-c.done
			delete(s.components, name)
		}
	}
	return s.writePids()
}
