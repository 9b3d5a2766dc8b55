"""One room per stage, in the order of the flow: web, feeds, pages, articles, tags, stories, storage."""
