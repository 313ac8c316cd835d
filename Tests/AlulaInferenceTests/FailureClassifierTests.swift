import AlulaAuth
import AlulaInference
import Testing

struct FailureClassifierTests {
    /// One row: what a provider said, and what it means.
    struct Row: Sendable, CustomTestStringConvertible {
        let status: Int?
        let code: String?
        let message: String
        let judgement: FailureJudgement

        init(_ status: Int?, _ message: String, _ reason: FailureReason, code: String? = nil) {
            self.init(status, message, judgement: .failure(reason), code: code)
        }

        init(_ status: Int?, _ message: String, judgement: FailureJudgement, code: String? = nil) {
            self.status = status
            self.code = code
            self.message = message
            self.judgement = judgement
        }

        var testDescription: String { "\(status.map(String.init) ?? "–") \(code ?? "") \(message)" }
    }

    private func judgement(of row: Row) -> FailureJudgement {
        FailureClassifier.judge(FailureReport(status: row.status, code: row.code, message: row.message))
    }

    static let statuses: [Row] = [
        Row(400, "Something is odd.", .format),
        Row(400, "You exceeded your current quota", .rateLimit),
        Row(400, "prompt is too long: 210000 tokens", judgement: .contextOverflow),
        Row(400, "messages.3: image exceeds 5 MB maximum", judgement: .refusedInput),
        Row(400, "Your credit balance is too low", .billing),
        Row(422, "Something is odd.", .format),
        Row(422, "Model not found: x", .modelNotFound),
        Row(401, "Incorrect API key provided", .auth),
        Row(401, "", .auth),
        Row(401, "This API key has been revoked", .authPermanent),
        Row(401, "Your account has been deactivated", .authPermanent),
        Row(403, "OAuth authentication is currently not allowed for this organization.", .authPermanent),
        Row(403, "Insufficient credits on this account", .billing),
        Row(403, "Permission denied", .auth),
        Row(402, "", .billing),
        Row(402, "Payment required: add more credits", .billing),
        Row(402, "Weekly limit reached, resets on Monday", .rateLimit),
        Row(402, "Rate limit of your plan", .rateLimit),
        Row(402, "Organization limit met, try again later", .rateLimit),
        Row(404, "", .modelNotFound),
        Row(404, "The model `x` does not exist", .modelNotFound),
        Row(404, "maximum context length is 8192 tokens", judgement: .contextOverflow),
        Row(404, "No conversation found with this id", .sessionExpired),
        Row(404, "insufficient credits", .billing),
        Row(404, "Unauthorized", .auth),
        Row(408, "", .timeout),
        Row(410, "", .timeout),
        Row(410, "Session expired", .sessionExpired),
        Row(400, "API key not valid. Please pass a valid API key.", .auth),
        Row(
            400, "The input token count (9) exceeds the maximum number of tokens allowed (8).",
            judgement: .contextOverflow),
        Row(410, "Payment required", .billing),
        Row(410, "invalid token", .auth),
        Row(413, "Payload too large", judgement: .contextOverflow),
        Row(413, "Request too large on tokens per minute (TPM): limit 6000", .rateLimit),
        Row(429, "", .rateLimit),
        Row(429, "Payment required", .rateLimit),
        Row(499, "", .timeout),
        Row(503, "Service unavailable", .timeout),
        Row(503, "Service unavailable: at capacity, overloaded", .overloaded),
        Row(499, "The model is overloaded", .overloaded),
        Row(500, "rate limit", .timeout),
        Row(502, "", .timeout),
        Row(504, "", .timeout),
        Row(529, "", .overloaded),
        Row(521, "", .timeout),
        Row(nil, "524 a timeout occurred", .timeout),
        Row(nil, "HTTP 429 from upstream", .rateLimit),
        Row(418, "Too many concurrent requests", .rateLimit),
        Row(418, "I am a teapot", .unclassified),
    ]

    @Test(arguments: statuses) func aStatusDecidesFirst(_ row: Row) {
        #expect(judgement(of: row) == row.judgement)
    }

    /// Every one comes with words that would mean something else.
    static let codes: [Row] = [
        ("RESOURCE_EXHAUSTED", FailureReason.rateLimit), ("rate_limit_exceeded", .rateLimit),
        ("TOO_MANY_REQUESTS", .rateLimit), ("ThrottlingException", .rateLimit), ("overloaded_error", .overloaded),
        ("OVERLOADED", .overloaded), ("ETIMEDOUT", .timeout), ("ESOCKETTIMEDOUT", .timeout), ("ECONNRESET", .timeout),
        ("ECONNABORTED", .timeout), ("ECONNREFUSED", .timeout), ("ENETUNREACH", .timeout), ("EHOSTUNREACH", .timeout),
        ("EHOSTDOWN", .timeout), ("ENETRESET", .timeout), ("EPIPE", .timeout), ("EAI_AGAIN", .timeout),
        ("NEVER_HEARD_OF", .format),
    ].map { Row(nil, "Invalid request format", $0.1, code: $0.0) }

    @Test(arguments: codes) func aCodeDecidesBeforeTheWords(_ row: Row) {
        #expect(judgement(of: row) == row.judgement)
    }

    @Test func aCodeThatIsInNoTableIsReadLikeWords() {
        #expect(judgement(of: Row(nil, "", .auth, code: "invalid_api_key")) == .failure(.auth))
        #expect(judgement(of: Row(nil, "", .billing, code: "insufficient_quota")) == .failure(.billing))
    }

    static let words: [Row] = [
        Row(nil, "Your session has expired", .sessionExpired),
        Row(nil, "unknown model: gpt-x", .modelNotFound),
        Row(nil, "No endpoints found for x/y", .modelNotFound),
        Row(nil, "gpt-x is not a valid model ID", .modelNotFound),
        Row(nil, "claude-1 is deprecated, please upgrade to claude-9", .modelNotFound),
        Row(nil, "This model is deactivated", .modelNotFound),
        Row(nil, "input length exceeds 4096 tokens", judgement: .contextOverflow),
        Row(nil, "the request exceeds the available context size", judgement: .contextOverflow),
        Row(nil, "the input length exceeds the context length", judgement: .contextOverflow),
        Row(nil, "prompt too long; exceeded max context length by 3 tokens", judgement: .contextOverflow),
        Row(nil, "Key limit exceeded (total limit)", .billing),
        Row(nil, "Monthly limit reached, payment required", .billing),
        Row(nil, "Daily quota used up", .rateLimit),
        Row(nil, "Request was throttled", .rateLimit),
        Row(nil, "too many requests", .rateLimit),
        Row(nil, "model_cooldown in force", .rateLimit),
        Row(nil, "limit: 5 tpm", .rateLimit),
        Row(nil, "usage limit has been hit", .rateLimit),
        Row(nil, "overloaded_error: Overloaded", .overloaded),
        Row(nil, "We are seeing high demand", .overloaded),
        Row(nil, "insufficient balance", .billing),
        Row(nil, "error code 1311", .billing),
        Row(nil, "Your API key was deleted", .authPermanent),
        Row(nil, "Access denied", .auth),
        Row(nil, "error code 1113", .auth),
        Row(nil, "the token has expired", .auth),
        Row(nil, "No API key found for provider", .auth),
        Row(nil, "An unknown error occurred", .timeout),
        Row(nil, "Provider returned error", .timeout),
        Row(nil, "Internal server error", .timeout),
        Row(nil, #"{"type":"api_error","message":"Internal problem"}"#, .timeout),
        Row(nil, "messages.1: tool_use_id does not fit", .format),
        Row(nil, "socket hang up", .timeout),
        Row(nil, "the stream closed early: network error", .timeout),
        Row(nil, "stop reason: abort", .timeout),
        Row(nil, "ModelNotReadyException", .overloaded),
        Row(nil, "workers_ai quota", .rateLimit),
        Row(nil, "hello from workers_ai", .unclassified),
        Row(nil, "connect ECONNREFUSED", .timeout),
        Row(nil, "It is raining", .unclassified),
        Row(nil, "", .noErrorDetails),
    ]

    @Test(arguments: words) func wordsDecideLast(_ row: Row) {
        #expect(judgement(of: row) == row.judgement)
    }

    @Test func aPageThatOnlyMentionsMoneyIsNoBill() {
        let page = "<html>" + String(repeating: "x", count: 600) + " insufficient credits</html>"
        #expect(FailureClassifier.judge(FailureReport(message: page)) == .failure(.unclassified))
    }

    @Test func anEndlessMessageIsLookedAtInPart() {
        let message = String(repeating: "é", count: 1 << 20) + "rate limit"
        #expect(FailureClassifier.judge(FailureReport(message: message)) == .failure(.unclassified))
    }

    @Test func aNumberInsideAWordIsNoStatus() {
        #expect(FailureClassifier.judge(FailureReport(message: "429abc")) == .failure(.unclassified))
        #expect(FailureClassifier.judge(FailureReport(message: "about 14290 things")) == .failure(.unclassified))
    }
}
