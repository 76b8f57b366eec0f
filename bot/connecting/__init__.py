"""How Magpie gets its accounts: finding the server, OAuth, who has logged in, the bot's profile, the settings."""
