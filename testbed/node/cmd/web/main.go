// Command web is what the images of the node's tests hold, and what asks them.
//
//	web pause              the process that holds a pod's namespaces
//	web serve              answers $VERSION on port 8080, and ends at SIGTERM when what it was asked is answered
//	web abrupt             the same, but it ends at once
//	web load URL RATE      waits for a first answer, and from then on asks RATE times a second, each time over a new connection, until
//	                       standard input ends; then prints how many answers of which kind there were, one line each: "<number> <answer>",
//	                       and "<number> lost: <why>"
//	web listen PORT...     accepts connections at each of these ports, and closes them
//	web names ADDRESS      a DNS server, by UDP and TCP at port 53: every name has this address
//	web reach TARGET...    says of each target whether it is reached from here, one line each, in their order: "tcp:HOST:PORT" and
//	                       "dns:HOST:PORT" (a question by UDP) are "open" or why not, of "http://..." it is the status of the answer
//	web hook URL TOKEN     tells of a push as a GitLab does, and prints the status of the answer
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("web: ")
	switch {
	case len(os.Args) == 2 && os.Args[1] == "pause":
		await()
	case len(os.Args) == 2 && os.Args[1] == "serve":
		serve(true)
	case len(os.Args) == 2 && os.Args[1] == "abrupt":
		serve(false)
	case len(os.Args) == 4 && os.Args[1] == "load":
		rate, err := strconv.Atoi(os.Args[3])
		if err != nil || rate < 1 || rate > 1000 {
			log.Fatalf("%s: 1 to 1000 a second", os.Args[3])
		}
		load(os.Args[2], rate)
	case len(os.Args) > 2 && os.Args[1] == "listen":
		listen(os.Args[2:])
	case len(os.Args) == 3 && os.Args[1] == "names":
		names(os.Args[2])
	case len(os.Args) > 2 && os.Args[1] == "reach":
		reach(os.Args[2:])
	case len(os.Args) == 4 && os.Args[1] == "hook":
		hook(os.Args[2], os.Args[3])
	default:
		log.Fatal("pause, serve, abrupt, load URL RATE, listen PORT..., names ADDRESS, reach TARGET..., or hook URL TOKEN")
	}
}

func await() {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	<-ctx.Done()
}

func serve(orderly bool) {
	version := os.Getenv("VERSION")
	server := &http.Server{Addr: ":8080", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Long enough that an end in the middle of an answer is seen.
		time.Sleep(20 * time.Millisecond)
		_, _ = io.WriteString(w, version)
	})}
	go func() {
		if err := server.ListenAndServe(); err != http.ErrServerClosed {
			log.Fatal(err)
		}
	}()
	await()
	if orderly {
		_ = server.Shutdown(context.Background())
	}
}

func load(url string, rate int) {
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	// A Service begins to answer a second after its pods are ready, when kube-proxy has written its rules. That is no loss of a rollout.
	for strings.HasPrefix(ask(client, url), lost) {
		select {
		case <-ended:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	var lock sync.Mutex
	var requests sync.WaitGroup
	counts := map[string]int{}
	ticker := time.NewTicker(time.Second / time.Duration(rate))
	defer ticker.Stop()
	for asking := true; asking; {
		select {
		case <-ended:
			asking = false
		case <-ticker.C:
			requests.Go(func() {
				answer := ask(client, url)
				lock.Lock()
				defer lock.Unlock()
				counts[answer]++
			})
		}
	}
	requests.Wait()
	var lines []string
	for answer, count := range counts {
		lines = append(lines, fmt.Sprintf("%d %s", count, answer))
	}
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

// What begins the kind of an answer that never came.
const lost = "lost: "

func ask(client *http.Client, url string) string {
	response, err := client.Get(url)
	if err != nil {
		return lost + lastOf(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return lost + lastOf(err)
	}
	if response.StatusCode != http.StatusOK {
		return lost + response.Status
	}
	return string(body)
}

// lastOf is the end of an error, without ports, which are others each time.
func lastOf(err error) string {
	text := err.Error()
	return text[strings.LastIndex(text, ": ")+1:]
}
