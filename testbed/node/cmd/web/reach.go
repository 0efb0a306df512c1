package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// patience is how long a target is waited for: one that a policy drops packets to never answers.
const patience = 3 * time.Second

func listen(ports []string) {
	for _, port := range ports {
		listener, err := net.Listen("tcp", ":"+port)
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			for {
				connection, err := listener.Accept()
				if err != nil {
					log.Fatal(err)
				}
				_ = connection.Close()
			}
		}()
	}
	await()
}

func reach(targets []string) {
	answers := make([]string, len(targets))
	var asking sync.WaitGroup
	for i, target := range targets {
		asking.Go(func() { answers[i] = reached(target) })
	}
	asking.Wait()
	fmt.Println(strings.Join(answers, "\n"))
}

func reached(target string) string {
	kind, address, _ := strings.Cut(target, ":")
	var err error
	switch kind {
	case "tcp":
		var connection net.Conn
		if connection, err = net.DialTimeout("tcp", address, patience); err == nil {
			_ = connection.Close()
		}
	case "dns":
		err = question(address)
	default:
		var response *http.Response
		if response, err = (&http.Client{Timeout: patience}).Get(target); err == nil {
			_ = response.Body.Close()
			return response.Status
		}
	}
	var waited net.Error
	switch {
	case err == nil:
		return "open"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &waited) && waited.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer"
	default:
		return err.Error()
	}
}

// question is one that any server of names answers.
func question(address string) error {
	connection, err := net.DialTimeout("udp", address, patience)
	if err != nil {
		return err
	}
	defer connection.Close()
	message := dnsmessage.Message{Header: dnsmessage.Header{ID: 1, RecursionDesired: true}, Questions: []dnsmessage.Question{
		{Name: dnsmessage.MustNewName("git.fairlead.test."), Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}}}
	packed, err := message.Pack()
	if err != nil {
		return err
	}
	if _, err := connection.Write(packed); err != nil {
		return err
	}
	_ = connection.SetReadDeadline(time.Now().Add(patience))
	_, err = connection.Read(make([]byte, 512))
	return err
}

func hook(url, token string) {
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"ref": "refs/heads/other"}`))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("X-Gitlab-Token", token)
	response, err := (&http.Client{Timeout: patience}).Do(request)
	if err != nil {
		log.Fatal(err)
	}
	_ = response.Body.Close()
	fmt.Println(response.Status)
}

func names(address string) {
	target := net.ParseIP(address).To4()
	if target == nil {
		log.Fatalf("%s is no address", address)
	}
	packets, err := net.ListenPacket("udp", ":53")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		buffer := make([]byte, 512)
		for {
			length, from, err := packets.ReadFrom(buffer)
			if err != nil {
				log.Fatal(err)
			}
			if answer := answered(buffer[:length], [4]byte(target)); answer != nil {
				_, _ = packets.WriteTo(answer, from)
			}
		}
	}()
	listen([]string{"53"})
}

// answered is nil for what is no question. Of other types than addresses a name has nothing.
func answered(packet []byte, target [4]byte) []byte {
	var message dnsmessage.Message
	if err := message.Unpack(packet); err != nil || message.Response || len(message.Questions) != 1 {
		return nil
	}
	asked := message.Questions[0]
	answer := dnsmessage.Message{Header: dnsmessage.Header{ID: message.ID, Response: true, Authoritative: true}, Questions: message.Questions}
	if asked.Type == dnsmessage.TypeA {
		answer.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: asked.Name, Class: dnsmessage.ClassINET, TTL: 1},
			Body:   &dnsmessage.AResource{A: target}}}
	}
	packed, err := answer.Pack()
	if err != nil {
		return nil
	}
	return packed
}
