package import AlulaPrimitives

/// Through which proxy an address is reached, as the environment says: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, of which the
/// spelling in lower case counts first.
///
/// - `NO_PROXY`: names, which stand for all below them too, with or without a dot or `*.` in front; addresses; ranges
///   (`10.0.0.0/8`); each with a port or without; separated by commas or white space. `*` means everything.
/// - This machine (`localhost`, `127.0.0.0/8`, `::1`) is never reached through a proxy: model servers listen there.
package struct ProxyRules: Sendable {
    /// One proxy.
    package struct Proxy: Sendable {
        package enum Kind: Sendable {
            case http
            /// Version 5, without a password.
            case socks
        }

        package let kind: Kind
        package let host: String
        package let port: Int
        /// `user:password`.
        package let credentials: Secret?
    }

    /// What is done with an address.
    enum Route: Sendable {
        case direct
        case proxy(Scheme)
        /// The proxy that is wanted can't be used. Going without it might be what it is there to prevent.
        case unusable(variable: String)
    }

    /// Which proxy is meant: there is one for each scheme.
    enum Scheme: String, CaseIterable, Sendable {
        case http
        case https
    }

    private enum Setting: Sendable {
        case proxy(Proxy)
        case unusable(variable: String)
    }

    private var settings: [Scheme: Setting] = [:]
    private var exceptions: [ProxyException] = []

    /// No proxies.
    package init() {}

    /// - Parameter variable: A variable of the environment by its name.
    package init(_ variable: (String) -> Secret?) {
        for scheme in Scheme.allCases {
            let name = scheme.rawValue + "_proxy"
            guard let (name, value) = Self.value(of: name, variable) else { continue }
            settings[scheme] = Self.proxy(value).map { .proxy($0) } ?? .unusable(variable: name)
        }
        guard let (_, value) = Self.value(of: "no_proxy", variable) else { return }
        exceptions = value.exposed.split { $0 == "," || $0.isWhitespace }.compactMap { ProxyException($0) }
    }

    /// The names of variables whose proxies can't be used.
    package var unusableVariables: [String] {
        settings.values.compactMap { if case .unusable(let name) = $0 { name } else { nil } }.sorted()
    }

    func proxy(for scheme: Scheme) -> Proxy? {
        if case .proxy(let proxy)? = settings[scheme] { proxy } else { nil }
    }

    func route(to url: String) -> Route {
        if settings.isEmpty { return .direct }
        // What is no address is refused by whoever sends to it.
        guard let parts = AddressParts(url), let scheme = Scheme(rawValue: parts.scheme), let setting = settings[scheme]
        else { return .direct }
        let host = NetworkName(parts.host)
        if host.isThisMachine { return .direct }
        let port = parts.port ?? (scheme == .https ? 443 : 80)
        if exceptions.contains(where: { $0.covers(host, port: port) }) { return .direct }
        return switch setting {
        case .proxy: .proxy(scheme)
        case .unusable(let name): .unusable(variable: name)
        }
    }

    /// The variable that counts, and what it says; a blank one says nothing.
    private static func value(of name: String, _ variable: (String) -> Secret?) -> (name: String, value: Secret)? {
        for name in [name, name.uppercased()] {
            if let value = variable(name), !value.isBlank { return (name, value) }
        }
        return nil
    }

    /// - Returns: `nil` for what is no proxy, or one of a kind that is not known.
    static func proxy(_ value: Secret) -> Proxy? {
        guard let parts = AddressParts(value.exposed), !parts.host.isEmpty else { return nil }
        let kind: Proxy.Kind
        switch parts.scheme {
        case "", "http": kind = .http
        case "socks5", "socks5h", "socks": kind = .socks
        default: return nil
        }
        guard let user = parts.user else {
            return Proxy(kind: kind, host: parts.host, port: parts.port ?? kind.standardPort, credentials: nil)
        }
        guard kind == .http else { return nil }
        let words = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let credentials = words.map { PercentEncoding.decoded($0) } + (words.count < 2 ? [""] : [])
        return Proxy(
            kind: kind, host: parts.host, port: parts.port ?? kind.standardPort,
            credentials: Secret(credentials.joined(separator: ":")))
    }
}

extension ProxyRules.Proxy.Kind {
    fileprivate var standardPort: Int {
        switch self {
        case .http: 80
        case .socks: 1080
        }
    }
}
