import AlulaAuth
import AlulaPrimitives
import AlulaProviders

extension FuzzTarget {
    /// What a provider says that is asked for a pass: a token that fits into a header, an address where it may go, or words that are
    /// one short line without the login that was shown. The first byte chooses the status.
    static let passes = FuzzTarget("passes") { input in
        var input = input
        let status = input.choice([200, 401, 403, 404, 429, 500])
        let bytes = input.bytes.planting(Canary.text)
        let pass: Pass
        do throws(PassFailure) {
            pass = try PassAnswerDecoder(isLocal: false, stored: Secret(Canary.text)).decode(status: status, bytes)
        } catch {
            try require(error.message.unicodeScalars.count <= 400, "a failure is endless")
            try require(!error.message.contains(where: \.isNewline), "a failure has several lines")
            try require(
                error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) },
                "a failure moves the cursor")
            return try Canary.check(error.message, "a failure")
        }
        try require(status == 200, "a pass came of status \(status)")
        let token = pass.token.exposed.utf8
        try require((1...16_384).contains(token.count), "a pass has \(token.count) bytes")
        try require(token.allSatisfy { (0x21...0x7E).contains($0) }, "a pass ends its header")
        try require(
            pass.refreshIn.map { (.seconds(1)...(.seconds(86_400))).contains($0) } ?? true, "a pass is for ever")
        if let base = pass.baseURL {
            try require(base.hasPrefix("https://") && base.utf8.count > 8, "a pass goes to \(base)")
            let host = base.dropFirst(8).prefix { $0 != "/" }
            try require(!host.isEmpty && !host.contains("@"), "a pass goes to \(base)")
            try require(
                base.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !base.contains("?"), "a pass goes to \(base)")
        }
    }
}
