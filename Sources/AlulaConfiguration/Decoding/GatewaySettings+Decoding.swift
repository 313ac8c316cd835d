import AlulaPrimitives

extension GatewaySettings {
    /// - Parameter hasEnvironmentSecret: Whether the environment brings the gateway's token or password.
    init(reading reader: ObjectReader, defaults: SecretsSettings.Defaults, hasEnvironmentSecret: Bool) {
        mode = reader.choice("mode", as: Mode.self)
        port = reader.integer("port", in: 1...65_535, default: port)
        bind = reader.choice("bind", as: Bind.self, default: bind)
        customBindHost = reader.text("customBindHost")
        trustedProxies = reader.texts("trustedProxies", default: [])
        allowsRealIPFallback = reader.flag("allowRealIpFallback", default: false)
        publicOrigin = reader.text("publicOrigin")
        if reader.has("auth") { auth = GatewayAuthSettings(reading: reader, defaults: defaults) }
        if let inner = reader.object("reload") { reload = ReloadSettings(reading: inner) }
        if let inner = reader.object("controlUi") { controlUI = ControlUISettings(reading: inner) }
        if let inner = reader.object("http") { http = GatewayHTTPSettings(reading: inner) }
        if let inner = reader.object("tls") { tls = TLSSettings(reading: inner) }
        if bind == .custom, customBindHost == nil {
            reader.refuse(.missingValue, "bind", "\"custom\" needs customBindHost.")
            bind = .loopback
        }
        if let host = customBindHost, !Self.isIPv4(host) {
            reader.refuse(.invalidValue, "customBindHost", "This must be an IPv4 address.")
            customBindHost = nil
            if bind == .custom { bind = .loopback }
        }
        if bind != .loopback, bind != .automatic, auth.mode == nil, auth.token == nil, auth.password == nil,
            !hasEnvironmentSecret
        {
            reader.warn(
                .conflict, "bind", "Other machines can reach the gateway, but no token or password is set.",
                remedy: "Set gateway.auth.token.")
        }
        reader.ignore(
            "remote", "tools", "nodes", "push", "tailscale", "webchat", "channelHealthCheckMinutes",
            "channelStaleEventThresholdMinutes", "channelMaxRestartsPerHour", "handshakeTimeoutMs")
        reader.finish()
    }

    private static func isIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && $0.utf8.count <= 3 && !$0.hasPrefix("+") }
    }
}

extension GatewayAuthSettings {
    /// - Parameter gateway: The reader of the section around it.
    init(reading gateway: ObjectReader, defaults: SecretsSettings.Defaults) {
        let errors = gateway.problems.errorCount
        if let reader = gateway.object("auth", consequence: "Nobody is let in by this rule until it is mended.") {
            read(reader, defaults: defaults)
        }
        isInvalid = gateway.problems.errorCount > errors
    }

    private mutating func read(_ reader: ObjectReader, defaults: SecretsSettings.Defaults) {
        mode = reader.choice("mode", as: Mode.self)
        token = reader.secret("token", defaults: defaults)
        password = reader.secret("password", defaults: defaults)
        allowsTailscale = reader.flag("allowTailscale", default: false)
        if let limit = reader.object("rateLimit", consequence: "The default counts instead.") {
            maximumAttempts = limit.integer("maxAttempts", in: 1...10_000, default: maximumAttempts)
            attemptWindow = limit.milliseconds("windowMs", in: 1...86_400_000, default: attemptWindow)
            lockout = limit.milliseconds("lockoutMs", in: 0...86_400_000, default: lockout)
            exemptsLoopback = limit.flag("exemptLoopback", default: exemptsLoopback)
            limit.finish()
        }
        if let proxy = reader.object("trustedProxy") {
            proxyUserHeader = proxy.text("userHeader")
            proxyRequiredHeaders = proxy.texts("requiredHeaders", default: [])
            proxyAllowedUsers = proxy.texts("allowUsers", default: [])
            proxyMayBeLocal = proxy.flag("allowLoopback", default: false)
            proxy.finish()
        }
        if mode == nil, token != nil, password != nil {
            reader.refuse(
                .conflict, nil, "Both a token and a password are set.",
                remedy: "Set \"mode\" to \"token\" or \"password\".")
        }
        if mode == .trustedProxy, proxyUserHeader == nil {
            reader.refuse(.missingValue, "mode", "\"trusted-proxy\" needs trustedProxy.userHeader.")
        }
        reader.ignore("identityScopes")
        reader.finish()
    }
}

extension TLSSettings {
    init(reading reader: ObjectReader) {
        isEnabled = reader.flag("enabled", default: false)
        generatesCertificate = reader.flag("autoGenerate", default: true)
        certificatePath = reader.text("certPath")
        keyPath = reader.text("keyPath")
        if reader.has("caPath") {
            reader.warn(
                .unsupported, "caPath", "This gateway asks clients for no certificates.",
                remedy: "Remove it; callers show a token or password.")
        }
        reader.ignore("caPath")
        if isEnabled, (certificatePath == nil) != (keyPath == nil) {
            reader.refuse(
                .missingValue, certificatePath == nil ? "certPath" : "keyPath",
                "A certificate and its key go together.", remedy: "Set both, or neither to have them made.")
        }
        reader.finish()
    }
}

extension ReloadSettings {
    init(reading reader: ObjectReader) {
        mode = reader.choice("mode", as: Mode.self, default: mode)
        debounce = reader.milliseconds("debounceMs", in: 0...60_000, default: debounce)
        deferralTimeout = reader.milliseconds("deferralTimeoutMs", in: 0...86_400_000, default: deferralTimeout)
        reader.finish()
    }
}

extension ControlUISettings {
    init(reading reader: ObjectReader) {
        isEnabled = reader.flag("enabled", default: isEnabled)
        basePath = reader.text("basePath")
        allowedOrigins = reader.texts("allowedOrigins", default: [])
        allowsInsecureAuth = reader.flag("allowInsecureAuth", default: false)
        allowsHostHeaderOrigin = reader.flag("dangerouslyAllowHostHeaderOriginFallback", default: false)
        disablesDeviceAuth = reader.flag("dangerouslyDisableDeviceAuth", default: false)
        reader.ignore("root", "embedSandbox", "allowExternalEmbedUrls", "chatMessageMaxWidth")
        reader.finish()
    }
}

extension GatewayHTTPSettings {
    init(reading reader: ObjectReader) {
        let sizes = 1...1_000_000_000
        if let endpoints = reader.object("endpoints") {
            if let chat = endpoints.object("chatCompletions") {
                offersChatCompletions = chat.flag("enabled", default: true)
                maximumChatCompletionsBody = chat.bytes("maxBodyBytes", in: sizes, default: maximumChatCompletionsBody)
                chat.ignore("maxImageParts", "maxTotalImageBytes", "images")
                chat.finish()
            }
            if let responses = endpoints.object("responses") {
                offersResponses = responses.flag("enabled", default: true)
                maximumResponsesBody = responses.bytes("maxBodyBytes", in: sizes, default: maximumResponsesBody)
                responses.ignore("maxUrlParts", "files", "images")
                responses.finish()
            }
            endpoints.finish()
        }
        if let headers = reader.object("securityHeaders") {
            // `false` turns the header off, which is the default too.
            strictTransportSecurity = headers.textUnlessOff("strictTransportSecurity")
            headers.finish()
        }
        reader.finish()
    }
}
