import AlulaAuth
import NIOHTTP1

/// What a browser shows after signing in. Nothing of what it asked for is repeated, and nothing else is loaded.
struct CallbackPage {
    let status: HTTPResponseStatus
    private let heading: String
    private let text: String

    private init(_ status: HTTPResponseStatus, _ heading: String, _ text: String) {
        self.status = status
        self.heading = heading
        self.text = text
    }

    init(_ verdict: CallbackVerdict) {
        switch verdict {
        case .code: self.init(.ok, "Signed in", "Alula has the answer. Close this page; the terminal says the rest.")
        case .refused:
            self.init(.ok, "Not signed in", "Alula was told no. Close this page; the terminal says the rest.")
        case .foreign(.otherPath): self.init(.notFound, "Not found", "There is nothing here.")
        case .foreign(.otherState), .foreign(.noCode), .foreign(.malformed):
            self.init(
                .badRequest, "Not understood",
                "This is no answer to the login that waits here. Open the address that the terminal shows.")
        }
    }

    static let alreadyDone = CallbackPage(.gone, "Already answered", "The login that waited here has its answer.")
    static let otherMethod = CallbackPage(.methodNotAllowed, "Not understood", "Browsers only.")
    static let tooLong = CallbackPage(.requestHeaderFieldsTooLarge, "Not understood", "That is too long for an answer.")
    static let malformed = CallbackPage(.badRequest, "Not understood", "That is no request.")

    var body: String {
        """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>\(heading)</title>
        <body><h1>\(heading)</h1><p>\(text)</p></body></html>

        """
    }

    var headers: HTTPHeaders {
        [
            "content-type": "text/html; charset=utf-8", "content-length": "\(body.utf8.count)",
            "cache-control": "no-store", "content-security-policy": "default-src 'none'",
            "referrer-policy": "no-referrer", "x-content-type-options": "nosniff", "connection": "close",
        ]
    }
}
