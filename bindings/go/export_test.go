package eyot

import "time"

// At returns a configuration whose clock stands still.
func At(config Config, now time.Time) Config {
	config.now = func() time.Time { return now }
	return config
}
