"""What keeps the tables of articles from growing without end."""

BOUNDED = {
    "articles.Article": "As many as staff write: what was read is never deleted by itself.",
    "articles.Article_topics": "Goes with its article.",
    "articles.Author": "As many as sign.",
    "articles.Byline": "Goes with its article.",
    "articles.FormerSlug": "One each time that a live article moves.",
    "articles.HistoryLine": "One for each step of an article, and goes with it.",
    "articles.ListedArticle": "One per article.",
    "articles.MoreArticle": "Goes with its article.",
    "articles.PrivateName": "As many as administrators enter.",
    "articles.Review": "Goes with its revision.",
    "articles.Revision": "One for each version that was published; of drafts one per article.",
    "articles.RevisionPicture": "Goes with its revision.",
    "articles.RevisionText": "One per revision.",
    "articles.SearchWord": "As many as there are different words in articles.",
    "articles.Series": "As many as staff make.",
    "articles.Topic": "As many as staff make.",
    "articles.Verdict": "Goes with its review.",
    "articles.SearchCount": "At most 2,000 search terms a day.",
}
