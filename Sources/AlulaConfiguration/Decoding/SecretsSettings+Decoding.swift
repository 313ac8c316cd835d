import AlulaJSON
import AlulaPrimitives

extension SecretsSettings {
    /// Reads the section.
    init(reading reader: ObjectReader) {
        if let inner = reader.object("defaults") { defaults = Defaults(reading: inner) }
        for entry in reader.entries("providers") {
            guard
                let inner = reader.reader(
                    of: entry.node, at: entry.path, consequence: "References to it find nothing."),
                let provider = inner.unlessRefused({ SecretProviderSettings(entry.name, inner) })
            else {
                invalidProviders.insert(entry.name)
                continue
            }
            providers[entry.name] = provider
        }
        if let inner = reader.object("resolution") {
            maximumConcurrency = inner.integer("maxProviderConcurrency", in: 1...16, default: maximumConcurrency)
            maximumReferencesPerProvider =
                inner.integer("maxRefsPerProvider", in: 1...4096, default: maximumReferencesPerProvider)
            maximumBatch = inner.bytes("maxBatchBytes", in: 1...(5 << 20), default: maximumBatch)
            inner.finish()
        }
        reader.ignore("egressProxy")
        reader.finish()
    }
}

extension SecretsSettings.Defaults {
    fileprivate init(reading reader: ObjectReader) {
        for source in SecretReference.Source.allCases {
            guard let alias = reader.text(source.rawValue) else { continue }
            guard SecretReferenceText.isProviderAlias(alias) else {
                reader.refuse(.invalidValue, source.rawValue, "This is no name of a provider.")
                continue
            }
            aliases[source] = alias
        }
        reader.finish()
    }
}

extension SecretProviderSettings {
    fileprivate init?(_ alias: String, _ reader: ObjectReader) {
        if !SecretReferenceText.isProviderAlias(alias) {
            reader.refuse(
                .invalidValue, nil, "An alias has lower-case letters, digits, '_' and '-', 64 at most.")
        }
        guard let source = reader.requiredChoice("source", as: SecretReference.Source.self) else { return nil }
        switch source {
        case .environment:
            let names = reader.texts("allowlist")
            for name in names ?? [] where !SecretReferenceText.isVariableName(name) {
                reader.refuse(.invalidValue, "allowlist", "Names of variables have capital letters, digits and '_'.")
            }
            self = .environment(allowlist: names)
        case .file:
            guard let file = SecretFileSettings(reader) else { return nil }
            self = .file(file)
        case .helper:
            guard let helper = SecretHelperSettings(reader) else { return nil }
            self = .helper(helper)
        case .store:
            reader.refuse(.unsupported, "source", "The secret store of OpenClaw's database can't be read.")
            return nil
        }
        reader.finish()
    }
}

extension SecretFileSettings {
    fileprivate init?(_ reader: ObjectReader) {
        guard let path = reader.requiredText("path") else { return nil }
        if !path.hasPrefix("/"), !path.hasPrefix("~/") {
            reader.refuse(.invalidValue, "path", "This must be an absolute path, or begin with \"~/\".")
        }
        self.init(path: path)
        mode = reader.choice("mode", as: Mode.self, default: mode)
        timeout = reader.milliseconds("timeoutMs", in: 1...120_000, default: timeout)
        maximumSize = reader.bytes("maxBytes", in: 1...(20 << 20), default: maximumSize)
        reader.ignore("allowInsecurePath")
    }
}

extension SecretHelperSettings {
    fileprivate init?(_ reader: ObjectReader) {
        guard let command = reader.requiredText("command") else {
            if reader.has("pluginIntegration") {
                reader.refuse(.unsupported, "pluginIntegration", "Helpers that plugins bring are not supported.")
            }
            return nil
        }
        if !command.hasPrefix("/") { reader.refuse(.invalidValue, "command", "This must be an absolute path.") }
        self.init(command: command)
        arguments = reader.texts("args", default: [])
        timeout = reader.milliseconds("timeoutMs", in: 1...120_000, default: timeout)
        silenceTimeout = reader.milliseconds("noOutputTimeoutMs", in: 1...120_000) ?? timeout
        maximumOutput = reader.bytes("maxOutputBytes", in: 1...(20 << 20), default: maximumOutput)
        requiresJSON = reader.flag("jsonOnly", default: true)
        passedVariables = reader.texts("passEnv", default: [])
        trustedDirectories = reader.texts("trustedDirs", default: [])
        allowsInsecurePath = reader.flag("allowInsecurePath", default: false)
        allowsSymbolicLink = reader.flag("allowSymlinkCommand", default: false)
        if let inner = reader.object("env") {
            environment = inner.keys.compactMap { name in inner.secretText(name).map { (name, $0) } }
        }
        for directory in trustedDirectories where !directory.hasPrefix("/") && !directory.hasPrefix("~/") {
            reader.refuse(.invalidValue, "trustedDirs", "These must be absolute paths.")
        }
        reader.ignore("pluginIntegration")
    }
}
