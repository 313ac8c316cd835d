import AlulaJSON
import Testing

extension DurableWrite {
    static let credentialWrites = [
        firstKey, key, token, signIn, migratedKey, keyOverDamage, logout, order, lastOrder, cooldown, firstFailure,
        failure,
    ]

    private static let store = "agents/main/agent/auth-profiles.json"
    private static let state = "agents/main/agent/auth-state.json"
    private static let readings = ["profiles": Readings.profiles, "state": Readings.document(state)]

    /// A store with what later versions may have put there.
    private static let profiles = """
        {"version":7,"custom":{"deep":[1.50,null]},"profiles":{
          "odd":{"type":"future","secret":"fake"},
          "groq:a":{"type":"api_key","provider":"groq","key":"sk-fake-a"},
          "groq:b":{"type":"api_key","provider":"groq","key":"sk-fake-b"},
          "openai:default":{"type":"api_key","provider":"openai","key":"sk-fake-old"}}}

        """

    private static let states = """
        {"version":1,"order":{"groq":["groq:b","groq:a"]},"later":[1],
         "usageStats":{"groq:a":{"errorCount":2,"cooldownUntil":9999999999999}}}

        """

    private static func prepare(_ installation: Installation) throws {
        try installation.write(store, profiles)
        try installation.write(state, states)
    }

    /// A login that another program adds.
    private static let login: OutsideEdit = { installation in
        guard installation.has(store), !installation.read(store).hasSuffix(":"),
            case .object(var document) = try JSONValue.parse(installation.read(store)),
            case .object(var profiles)? = document["profiles"]
        else { return nil }
        profiles["xai:theirs"] = ["type": "api_key", "provider": "xai", "key": "sk-fake-theirs"]
        document["profiles"] = .object(profiles)
        try installation.write(store, JSONValue.object(document).text())
        return { try JSONValue.parse($0.read(store))["profiles"]?["xai:theirs"]?["key"] == "sk-fake-theirs" }
    }

    private static func paste(_ name: String, prepare: @escaping @Sendable (Installation) throws -> Void)
        -> DurableWrite
    {
        DurableWrite(
            name: name, prepare: prepare, arguments: ["models", "auth", "paste-api-key", "--provider", "openai"],
            input: "sk-fake-new\n", next: ["models", "auth", "paste-api-key", "--provider", "openai"],
            nextInput: "sk-fake-newer\n", readings: readings, outside: login)
    }

    private static let firstKey = paste("the first login") { _ in }
    private static let key = paste("a login beside others", prepare: prepare)
    private static let migratedKey = paste("a login over a store of the first versions") { installation in
        try installation.write(
            "agents/main/agent/auth.json",
            #"{"groq:old":{"type":"api_key","provider":"groq","key":"sk-fake-oldest"}}"#)
    }
    private static let keyOverDamage = paste("a login over a damaged store") { installation in
        try installation.write(store, #"{"version":1,"profiles":{"groq:a":"#)
    }

    private static let token = DurableWrite(
        name: "a pasted token", prepare: prepare,
        arguments: ["models", "auth", "paste-token", "--provider", "anthropic"], input: "sk-ant-oat01-fake-token\n",
        next: ["models", "auth", "paste-token", "--provider", "anthropic"], nextInput: "sk-ant-oat01-fake-newer\n",
        readings: readings, outside: login)

    /// Over a login of somebody else's, which goes whole.
    private static let signIn = DurableWrite(
        name: "a login with a browser", program: .driver,
        prepare: { installation in
            try prepare(installation)
            try installation.write(
                store,
                profiles.replacing(
                    #""odd":{"#,
                    with: #""openai-codex:me":{"type":"oauth","provider":"openai-codex","access":"fake-a","#
                        + #""refresh":"fake-r","expires":1,"accountId":"other","later":true},"odd":{"#))
        },
        arguments: ["login", "STATE", "openai-codex:me"], next: ["login", "STATE", "openai-codex:you"],
        readings: readings, outside: login)

    private static let logout = DurableWrite(
        name: "a logout", prepare: prepare, arguments: ["models", "auth", "logout", "--provider", "groq"],
        next: ["models", "auth", "paste-api-key", "--provider", "openai"], nextInput: "sk-fake-newer\n",
        readings: readings, outside: login)

    private static let order = DurableWrite(
        name: "an order of logins", prepare: prepare,
        arguments: ["models", "auth", "order", "set", "--provider", "groq", "groq:a", "groq:b"],
        next: ["models", "auth", "order", "set", "--provider", "groq", "groq:b"],
        readings: readings, outside: login)

    /// The file of states goes with the last thing in it.
    private static let lastOrder = DurableWrite(
        name: "the end of the last order",
        prepare: {
            try $0.write(store, profiles)
            try $0.write(state, #"{"version":1,"order":{"groq":["groq:b","groq:a"]}}"#)
        },
        arguments: ["models", "auth", "order", "clear", "--provider", "groq"],
        next: ["models", "auth", "order", "set", "--provider", "groq", "groq:b"], readings: readings, outside: login)

    private static let cooldown = DurableWrite(
        name: "the end of a cooldown", prepare: prepare,
        arguments: ["models", "auth", "clear-cooldown", "--provider", "groq"],
        next: ["models", "auth", "order", "set", "--provider", "groq", "groq:b"], readings: readings, outside: login)

    private static let firstFailure = DurableWrite(
        name: "the first recorded failure", program: .driver, prepare: { try $0.write(store, profiles) },
        arguments: ["record", "STATE", "groq:a"], next: ["record", "STATE", "groq:b"], readings: readings,
        outside: login)

    private static let failure = DurableWrite(
        name: "a recorded failure beside others", program: .driver, prepare: prepare,
        arguments: ["record", "STATE", "groq:a"], next: ["record", "STATE", "groq:b"], readings: readings,
        outside: login)
}
