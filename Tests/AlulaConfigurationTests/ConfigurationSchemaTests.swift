import AlulaJSON
import AlulaTestSupport
import Testing

@testable import AlulaConfiguration

struct ConfigurationSchemaTests {
    private let schema = ConfigurationSchema.current

    // MARK: What is recorded

    @Test func everyKeyThatIsReadHasATitleAndEveryTitleAKey() {
        let read = Set(schema.places.filter { !$0.isKept }.map(\.name))
        let names = SettingTitle.lines.flatMap(\.names)
        #expect(read.subtracting(names).sorted() == [])
        #expect(Set(names).subtracting(read).sorted() == [])
        #expect(names.count == Set(names).count)
        for line in SettingTitle.lines {
            #expect(line.title.help.hasSuffix("."), "\(line.names)")
            #expect(!line.title.label.isEmpty && !line.title.help.contains("|"), "\(line.names)")
        }
    }

    /// What the decoders spell, read from their source: no run may have missed a branch.
    @Test func everyKeyInTheDecodersIsRecorded() throws {
        var recorded: Set<String> = []
        func collect(_ place: ConfigurationSchema.Place) {
            for property in place.properties {
                recorded.insert(property.key)
                collect(property.place)
            }
            if let item = place.item { collect(item) }
        }
        collect(schema.root)
        let folder = "../../../Sources/AlulaConfiguration/"
        let files =
            [
                "AgentsSettings", "AuthSettings", "GatewaySettings", "ModelsSettings", "ParameterSettings",
                "RequestSettings", "SecretsSettings",
            ].map { "Decoding/\($0)+Decoding.swift" } + [
                "Settings/EnvironmentSettings.swift", "Settings/LoggingSettings.swift", "Settings/MetaSettings.swift",
                "Configuration.swift",
            ]
        var count = 0
        for file in files {
            let text = try #require(Fixture(folder + file, of: "AlulaProtocolTests").text, "\(file)")
            let call =
                /\b(?:reader|inner|gateway|limit|proxy|endpoints|chat|responses|headers)\.\w+\(\s*"([A-Za-z$]\w*)"/
            for match in text.matches(of: call) {
                count += 1
                #expect(recorded.contains(String(match.1)), "\(match.1) in \(file)")
            }
            for list in text.matches(of: /\.ignore\(([^)]*)\)/) {
                for match in list.1.matches(of: /"([^"]+)"/) {
                    #expect(recorded.contains(String(match.1)), "\(match.1) in \(file)")
                }
            }
        }
        #expect(count > 150)
    }

    @Test(
        arguments: [
            ("gateway.port", [.integer(1...65_535)], "18789"),
            ("gateway.auth.token", [.secret], nil),
            ("gateway.reload.mode", [.choice(["off", "restart", "hot", "hybrid"])], "\"hybrid\""),
            ("gateway.http.securityHeaders.strictTransportSecurity", [.textOrOff], nil),
            ("models.providers.*.headers.*", [.secret], nil),
            ("models.providers.*.models[].input", [.texts], nil),
            ("models.providers.*.request", [.object], nil),
            ("models.providers.*.request.auth.value", [.secret], nil),
            ("models.providers.*.request.proxy.url", [.secretText], nil),
            ("models.providers.*.params.extra_body", [.anything], nil),
            ("agents.defaults.model", [.text, .object], nil),
            ("agents.entries.*.subagents.model.fallbacks", [.texts], nil),
            ("auth.cooldowns.billingBackoffHours", [.number(0...8760)], "5"),
            ("auth.order.*", [.texts], nil),
            ("secrets.providers.*.noOutputTimeoutMs", [.integer(1...120_000)], nil),
            ("secrets.providers.*.env.*", [.secretText], nil),
            ("env.*", [.secretText], nil),
            ("env.vars.*", [.secretText], nil),
            ("logging.maxFileBytes", [.integer(1024...(1 << 40))], "104857600"),
            ("channels", [], nil),
        ] as [(String, [ConfigurationSchema.Kind], String?)])
    func recordsWhatADecoderAccepts(name: String, kinds: [ConfigurationSchema.Kind], standard: String?) throws {
        let place = try #require(schema.places.first { $0.name == name })
        #expect(place.kinds == kinds)
        #expect(place.standard?.text() == standard)
    }

    @Test func knowsWhatMustBeThere() {
        let required = schema.places.filter(\.isRequired).map(\.name)
        #expect(
            required == [
                "secrets.providers.*.source", "models.providers.*.request.auth.mode",
                "models.providers.*.request.proxy.mode", "models.providers.*.models[].id", "agents.list[].id",
                "auth.profiles.*.provider",
                "auth.profiles.*.mode",
            ])
    }

    /// The ranges and words are those that a decoder enforces.
    @Test func refusesWhatTheSchemaExcludes() throws {
        var checked = 0
        for place in schema.places where !place.name.hasPrefix("secrets.providers") {
            for kind in place.kinds {
                let wrong: JSONValue
                switch kind {
                case .integer(let range): wrong = .number(range.upperBound + 1)
                case .number(let range): wrong = .number(range.upperBound * 2 + 1)
                case .choice: wrong = "no such word"
                case .flag: wrong = "perhaps"
                default: continue
                }
                let found = problems(with: wrong, at: place)
                #expect(
                    found.contains {
                        $0.severity == .error && [.outOfRange, .invalidValue, .wrongType].contains($0.code)
                    },
                    "\(place.name)")
                checked += 1
            }
        }
        #expect(checked > 60)
    }

    /// No key in the schema is unknown to the decoders, and a key beside it is.
    @Test func everyRecordedKeyIsKnownToTheDecoders() {
        for place in schema.places where !place.name.hasPrefix("secrets.providers.*.") {
            let found = problems(with: "sample", at: place)
            #expect(!found.contains { $0.code == .unknownKey && "\($0.path)".hasSuffix("sample") }, "\(place.name)")
            // `params` are open: what is not read there is for other programs.
            guard place.kinds == [.object], !place.name.hasSuffix(".params") else { continue }
            var members = JSONObject([("zzUnknown", 1)])
            for property in place.properties where property.place.isRequired {
                members[property.key] = Self.required(property.key)
            }
            let unknown = problems(with: .object(members), at: place)
            #expect(unknown.contains { $0.code == .unknownKey }, "\(place.name)")
        }
    }

    private func problems(with value: JSONValue, at place: ConfigurationSchema.Place) -> [ConfigurationProblem] {
        var document = value
        var around: ConfigurationSchema.Place?
        let chain = place.path.components.indices.map { index -> ConfigurationSchema.Place? in
            var found: ConfigurationSchema.Place? = schema.root
            for step in place.path.components[..<index] { found = found?[step.key] }
            return found
        }
        for (index, step) in place.path.components.enumerated().reversed() {
            around = chain[index]
            if around?.kinds.contains(.list) ?? false {
                document = [document]
                continue
            }
            var members = JSONObject([(step.key == "*" ? "sample" : step.key, document)])
            for property in around?.properties ?? [] where property.place.isRequired && members[property.key] == nil {
                members[property.key] = Self.required(property.key)
            }
            document = .object(members)
        }
        return MemoryFiles(main: document.text()).load().problems
    }

    /// A value for a key that must be there.
    private static func required(_ key: String) -> JSONValue {
        switch key {
        case "mode": "token"
        case "source": "env"
        default: "sample"
        }
    }

    // MARK: What is shown

    @Test func theDocumentIsAWholeSchema() throws {
        let document = schema.document
        #expect(document["$schema"] == "http://json-schema.org/draft-07/schema#")
        #expect(document["additionalProperties"] == true)
        #expect(
            document["properties"]?["gateway"]?["properties"]?["port"] == [
                "type": "integer", "minimum": 1, "maximum": 65535, "title": "Port",
                "description": "The port for WebSocket and HTTP.", "default": 18789,
            ])
        let token = try #require(document["properties"]?["gateway"]?["properties"]?["auth"]?["properties"]?["token"])
        let reference = try #require(token["anyOf"]?.array?.last)
        #expect(token["anyOf"]?.array?.first == ["type": "string"])
        #expect(reference["required"] == ["source", "id"])
        #expect(reference["additionalProperties"] == false)
        #expect(reference["properties"]?["id"]?["description"] == "Which secret it is there.")
        let variables = try #require(document["properties"]?["env"])
        #expect(variables["additionalProperties"]?["type"] == "string")
        #expect(variables["properties"]?["shellEnv"]?["type"] == "object")
        let provider = document["properties"]?["models"]?["properties"]?["providers"]?["additionalProperties"]
        #expect(provider?["properties"]?["models"]?["items"]?["required"] == ["id"])
        // What is kept without being read may be anything.
        #expect(document["properties"]?["channels"]?["type"] == nil)
    }

    @Test func everyHintBelongsToAPlace() throws {
        let hints = try #require(schema.hints.object)
        #expect(hints.keys == schema.places.map(\.name))
        #expect(hints["gateway.auth.token"]?["sensitive"] == true)
        #expect(hints["gateway.port"]?["sensitive"] == nil)
        #expect(hints["gateway.port"]?["group"] == "Gateway")
        #expect(hints["gateway.auth.rateLimit.maxAttempts"]?["advanced"] == true)
    }

    @Test(
        arguments: [
            ("gateway.port", "gateway.port", "restart"), ("models.providers.*", "models.providers.*", "hot"),
            ("models.providers.openai.apiKey", "models.providers.*.apiKey", "hot"),
            ("models.providers[\"a.b\"].baseUrl", "models.providers.*.baseUrl", "hot"),
            ("agents.list[0].model.primary", "agents.list[].model.primary", "hot"),
            ("agents.list[].id", "agents.list[].id", "hot"), ("agents.list.*", "agents.list[]", "hot"),
            ("gateway.reload.mode", "gateway.reload.mode", "hot"), ("meta.lastTouchedAt", "meta.lastTouchedAt", "none"),
        ])
    func findsAPlaceByItsPath(path: String, name: String, kind: String) throws {
        let answer = try #require(schema.lookup(path))
        #expect(answer["path"] == .string(path))
        #expect(answer["hintPath"] == .string(name))
        #expect(answer["reloadKind"] == .string(kind))
        #expect(answer["hint"]?["label"] != nil)
    }

    @Test(arguments: [
        "gateway.prot", "gateway.port.x", "channels.telegram", "agents.list.main.id", "gateway..port", "a[",
        "gateway.auth.token.id",
    ])
    func knowsNothingOfOtherPaths(path: String) {
        #expect(schema.lookup(path) == nil)
    }

    @Test func tellsWhatIsBelowAPlace() throws {
        let answer = try #require(schema.lookup("auth.profiles.work"))
        #expect(answer["schema"]?["properties"] == nil)
        #expect(answer["schema"]?["required"] == ["provider", "mode"])
        let first = try #require(answer["children"]?.array?.first)
        #expect(first["key"] == "provider")
        #expect(first["path"] == "auth.profiles.work.provider")
        #expect(first["type"] == "string")
        #expect(first["required"] == true)
        #expect(first["hasChildren"] == false)
        #expect(first["hintPath"] == "auth.profiles.*.provider")
        let list = try #require(schema.lookup("agents.list")?["children"]?.array)
        #expect(list.map { $0["path"] } == ["agents.list.*"])
        #expect(list.first?["hasChildren"] == true)
    }
}
