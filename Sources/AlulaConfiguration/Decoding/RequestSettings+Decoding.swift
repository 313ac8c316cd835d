import AlulaPrimitives

extension RequestSettings {
    /// Words of `auth.mode`.
    private enum AuthMode: String, CaseIterable {
        case standard = "provider-default"
        case bearer = "authorization-bearer"
        case header
    }

    /// Words of `proxy.mode`.
    private enum ProxyMode: String, CaseIterable {
        case environment = "env-proxy"
        case explicit = "explicit-proxy"
    }

    /// What is wrong in it turns the provider off: a request that goes another way, or as somebody else, than it should is
    /// worse than none.
    init(reading reader: ObjectReader, defaults: SecretsSettings.Defaults) {
        headers = reader.secrets("headers", defaults: defaults)
        for header in headers where !Self.isHeaderName(header.name) {
            reader.refuse(.invalidValue, "headers", "A header's name has letters, digits and '-' and the like.")
        }
        if let inner = reader.object("auth") { auth = Self.auth(inner, defaults) }
        if let inner = reader.object("proxy") { proxy = Self.proxy(inner) }
        if let inner = reader.object("tls") { security = Security(reading: inner, defaults: defaults) }
        reader.ignore("allowPrivateNetwork")
        reader.finish()
    }

    private static func auth(_ reader: ObjectReader, _ defaults: SecretsSettings.Defaults) -> Auth {
        defer { reader.finish() }
        switch reader.requiredChoice("mode", as: AuthMode.self) {
        case .bearer:
            guard let token = required("token", reader, defaults) else { break }
            return .bearer(token)
        case .header:
            let (name, value) = (reader.text("headerName"), required("value", reader, defaults))
            let prefix = reader.text("prefix") ?? ""
            if name == nil, !reader.has("headerName") {
                reader.refuse(.missingValue, "headerName", "\"headerName\" is missing.")
            }
            guard let name, let value else { break }
            guard isHeaderName(name) else {
                reader.refuse(.invalidValue, "headerName", "This can't be the name of a header.")
                break
            }
            return .header(name: name, value: value, prefix: prefix)
        case .standard, nil: break
        }
        return .standard
    }

    private static func required(
        _ key: String, _ reader: ObjectReader, _ defaults: SecretsSettings.Defaults
    ) -> SecretInput? {
        let errors = reader.problems.errorCount
        if let secret = reader.secret(key, defaults: defaults) { return secret }
        if reader.problems.errorCount == errors { reader.refuse(.missingValue, key, "\"\(key)\" is missing.") }
        return nil
    }

    private static func proxy(_ reader: ObjectReader) -> Secret? {
        // It is for proxies that are reached over TLS.
        reader.ignore("tls")
        defer { reader.finish() }
        let (mode, address) = (reader.requiredChoice("mode", as: ProxyMode.self), reader.secretText("url"))
        guard mode == .explicit else {
            if mode != nil, address != nil {
                reader.warn(.unsupported, "url", "The environment says which proxy this is.")
            }
            return nil
        }
        guard let url = address else {
            if !reader.has("url") { reader.refuse(.missingValue, "url", "\"url\" is missing.") }
            return nil
        }
        let scheme = url.exposed.lowercased().split(separator: "://", maxSplits: 1).first ?? ""
        if url.exposed.contains("://"), !["http", "socks", "socks5", "socks5h"].contains(scheme) {
            reader.refuse(.invalidValue, "url", "A proxy is reached as http://HOST:PORT or socks5://HOST:PORT.")
        }
        return url
    }

    /// A token, as HTTP has it.
    private static func isHeaderName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}

extension RequestSettings.Security {
    fileprivate init(reading reader: ObjectReader, defaults: SecretsSettings.Defaults) {
        authorities = reader.secret("ca", defaults: defaults)
        certificate = reader.secret("cert", defaults: defaults)
        key = reader.secret("key", defaults: defaults)
        passphrase = reader.secret("passphrase", defaults: defaults)
        if (certificate == nil) != (key == nil) {
            reader.refuse(.missingValue, certificate == nil ? "cert" : "key", "A certificate and its key go together.")
        }
        if reader.flag("insecureSkipVerify") == true {
            reader.warn(.unsupported, "insecureSkipVerify", "Certificates are verified all the same.")
        }
        if reader.has("serverName") {
            reader.warn(.unsupported, "serverName", "The server has to go by the name that the base URL has.")
        }
        reader.ignore("serverName")
        reader.finish()
    }
}
