// Command gitserver serves the bare repositories in a directory over HTTP, for demo, benchmarks and tries by hand. It is
// "git http-backend" behind a small HTTP server: clone, fetch (protocol v2 too) and push work as with any Git host.
//
//	gitserver --dir DIR [--listen 127.0.0.1:0] [--user NAME --password WORD] [--token TOKEN] [--with-parent PID]
//
// It prints its url, one line, on standard output when it is ready: the repository DIR/demo.git is then at URL/demo.git. With
// credentials given, every request needs them (basic, bearer, or either when both are given).
package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A push arrives chunked and CGI wants its length, so a body of unknown length is kept in a file first; up to this size.
const maxPush = 512 << 20

type options struct {
	dir, listen, user, password, token string
	parent                             int
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("gitserver: ")
	var o options
	flag.StringVar(&o.dir, "dir", "", "directory of the bare repositories (required)")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	flag.StringVar(&o.user, "user", "", "user name for basic authentication")
	flag.StringVar(&o.password, "password", "", "password for basic authentication")
	flag.StringVar(&o.token, "token", "", "bearer token")
	flag.IntVar(&o.parent, "with-parent", 0, "end when the process with this id is gone")
	flag.Parse()
	if err := serve(o); err != nil {
		log.Fatal(err)
	}
}

func serve(o options) error {
	if o.dir == "" || flag.NArg() > 0 {
		return errors.New("usage: gitserver --dir DIR [options]; see --help")
	}
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return err
	}
	if entry, err := os.Stat(dir); err != nil || !entry.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return errors.New("git is missing: install it")
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if o.parent > 0 {
		go func() {
			for syscall.Kill(o.parent, 0) == nil {
				time.Sleep(500 * time.Millisecond)
			}
			stop()
		}()
	}
	server := &http.Server{Handler: authenticated(o, backend(git, dir)), ReadHeaderTimeout: 30 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Printf("http://%s\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func authenticated(o options, next http.Handler) http.Handler {
	if o.user == "" && o.token == "" {
		return next
	}
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, basic := r.BasicAuth()
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case o.user != "" && basic && same(user, o.user) && same(password, o.password),
			o.token != "" && bearer && same(token, o.token):
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "credentials are needed", http.StatusUnauthorized)
		}
	})
}

func backend(git, dir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength < 0 {
			done, err := measure(r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
				return
			}
			defer done()
		}
		handler := cgi.Handler{
			Path: git,
			Args: []string{"http-backend"},
			Dir:  dir,
			Env: []string{
				"GIT_PROJECT_ROOT=" + dir,
				"GIT_HTTP_EXPORT_ALL=1",
				"GIT_PROTOCOL=" + r.Header.Get("Git-Protocol"),
				"GIT_CONFIG_NOSYSTEM=1",
				"GIT_CONFIG_GLOBAL=/dev/null",
				"GIT_CONFIG_COUNT=3",
				"GIT_CONFIG_KEY_0=http.receivepack", "GIT_CONFIG_VALUE_0=true",
				"GIT_CONFIG_KEY_1=safe.directory", "GIT_CONFIG_VALUE_1=*",
				// A commit by hash is what a mirror asks for when it has lost one.
				"GIT_CONFIG_KEY_2=uploadpack.allowAnySHA1InWant", "GIT_CONFIG_VALUE_2=true",
			},
			Stderr: os.Stderr,
		}
		handler.ServeHTTP(w, r)
	})
}

// measure replaces the body by a copy in a file, which has a length.
func measure(r *http.Request) (func(), error) {
	file, err := os.CreateTemp("", "fairlead-gitserver-*")
	if err != nil {
		return nil, err
	}
	done := func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}
	size, err := io.Copy(file, io.LimitReader(r.Body, maxPush+1))
	if err == nil && size > maxPush {
		err = fmt.Errorf("a push of over %d bytes", maxPush)
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		done()
		return nil, err
	}
	r.Body, r.ContentLength, r.TransferEncoding = file, size, nil
	return done, nil
}
