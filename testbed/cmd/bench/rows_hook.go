package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The row of pushes that a Git host tells of.

const hookToken = "a-token-of-the-benchmark"

// addHook gives the sync a webhook, and what calls it as a Git host does.
func (w *world) addHook(ctx context.Context, s gitSync, syncs *tracker) (func() error, error) {
	secret := fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"hook"},"stringData":{"token":%q}}`, hookToken)
	if err := w.user.do(ctx, "POST", fmt.Sprintf(collections, s.namespace, "secrets"), jsonBody, secret); err != nil {
		return nil, err
	}
	if _, err := w.user.patch(ctx, s.url(), `{"spec":{"webhook":{"secretRef":{"name":"hook"}}}}`); err != nil {
		return nil, err
	}
	var path string
	if _, err := syncs.await(ctx, "the path of the webhook", time.Minute, []string{s.key()}, func(o watched) bool {
		path = o.Status.WebhookPath
		return path != "" && o.ready()
	}); err != nil {
		return nil, err
	}
	body := `{"ref":"refs/heads/main"}`
	mac := hmac.New(sha256.New, []byte(hookToken))
	mac.Write([]byte(body))
	signature := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	return func() error {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+w.daemon.hooks+path, strings.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("X-Hub-Signature-256", signature)
		request.Header.Set("X-GitHub-Event", "push")
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusAccepted {
			return fmt.Errorf("the webhook answered %s", response.Status)
		}
		return nil
	}, nil
}

// changeByHook is changeAmongMany, told as a Git host tells: by the webhook of one of the syncs, whichever has changed.
func changeByHook(ctx context.Context, w *world) ([]sample, error) {
	a, err := atRest(ctx, w, manySyncs("many", 100), seldom)
	if err != nil {
		return nil, err
	}
	maps, err := w.track(ctx, "/api/v1/configmaps")
	if err != nil {
		return nil, err
	}
	hook, err := w.addHook(ctx, a.syncs[0], a.tracker)
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, calm); err != nil {
		return nil, err
	}
	return timedChanges(ctx, w, a, "hook", changes, func(i int) (float64, string, error) {
		s := a.syncs[(i*37+1)%len(a.syncs)]
		return changeToldBy(ctx, w.repo, s, i, maps, func(string) error { return hook() })
	})
}
