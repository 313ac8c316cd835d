import AlulaPrimitives

/// Tells hosts of this machine and of private networks from the rest of the world, without a name look-up.
enum LocalHost {
    private static let names: Set<String> = [
        "localhost", "127.0.0.1", "0.0.0.0", "::1", "::ffff:7f00:1", "::ffff:127.0.0.1", "docker.orb.internal",
        "host.docker.internal", "host.orb.internal",
    ]

    /// The host part of an `http` or `https` URL, lower-cased and without brackets, or `nil` for anything else.
    static func host(of url: String) -> String? {
        let text = url.trimmed().lowercased()
        guard let scheme = ["http://", "https://"].first(where: { text.hasPrefix($0) }) else { return nil }
        var authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        let host = authority.prefix { $0 != ":" }
        return host.isEmpty ? nil : String(host)
    }

    static func isLocal(_ host: String) -> Bool {
        if names.contains(host) || host.hasSuffix(".local") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, let first = parts[0], let second = parts[1], parts[2] != nil, parts[3] != nil else {
            return false
        }
        switch (first, second) {
        case (10, _), (127, _), (192, 168): return true
        case (172, 16...31): return true
        default: return false
        }
    }
}
