import AlulaAuth
import AlulaCredentials
import AlulaJSON
import AlulaPrimitives
import AlulaWarmWorker

extension FuzzTarget {
    /// Credential stores in all their files: what is read is a fact without a secret, and an edit leaves the rest alone.
    static let stores = FuzzTarget("stores") { input in
        var input = input
        let edits = input.byte() % 8 == 1
        let parts = ["auth-profiles.json", "auth-state.json", "auth.json", "oauth.json"].map { ($0, input.part()) }
        try FuzzDirectory.with { directory in
            for (name, bytes) in parts { try directory.write(planted(bytes), to: name) }
            let item = GatherPlan.Item.store(
                StoreID(directory.path), legacyOAuthPath: "\(directory.path)/oauth.json", sharedDatabasePath: nil)
            try checkReading(item)
            if edits { try checkEdit(in: directory) }
        }
    }

    /// Logins of other tools.
    static let toolLogins = FuzzTarget("tool-logins") { input in
        var input = input
        let tool = input.choice(LoginTool.allCases)
        let bytes = tool == .githubCLI ? input.bytes.planting(Canary.text) : planted(input.bytes)
        try FuzzDirectory.with { directory in
            let path = try directory.write(bytes, to: "login")
            // Who somebody is is no secret.
            if tool != .githubCLI || !bytes.text.contains("user") { try checkReading(.login(tool, path: path)) }
            let outcome = ToolLoginReader.load(tool, path: path)
            if case .failed(let problem) = outcome { try check(problem) }
        }
    }

    /// Google's and Amazon's files, and files of secrets.
    static let ambientFiles = FuzzTarget("ambient-files") { input in
        var input = input
        let kind = input.byte() % 4
        let (first, second, third) = (input.part(), input.part(), input.part())
        try FuzzDirectory.with { directory in
            let path = try directory.write(first, to: "first")
            switch kind {
            case 0: try checkReading(.googleCredentials(paths: [path, try directory.write(second, to: "second")]))
            case 1:
                try checkReading(
                    .awsFiles(
                        configPath: path, credentialsPath: try directory.write(second, to: "second"),
                        webIdentityTokenPath: try directory.write(third, to: "third")))
            default:
                let ids = third.text.split(separator: " ").prefix(8).map(String.init)
                try checkReading(
                    .secretFile(
                        alias: "files", path: path, isSingleValue: kind == 2, maximumBytes: 4096, ids: ids))
            }
        }
    }

    /// What helper programs answer: each id has an answer, and no message holds what was said.
    static let helperAnswers = FuzzTarget("helper-answers", maximumBytes: 2048) { input in
        var input = input
        let acceptsPlainText = input.byte() % 2 == 1
        let ids = input.part().text.split(separator: " ").prefix(4).map(String.init)
        let output = input.bytes.planting(Canary.text)
        let answer: SecretHelperProtocol.Answer
        do throws(SecretResolutionError) {
            answer = try SecretHelperProtocol.decode(output, ids: ids, acceptsPlainText: acceptsPlainText)
        } catch {
            return try Canary.check(error.message, "a helper's failure")
        }
        try require(Set(answer.keys) == Set(ids), "a helper's answer is not about what was asked")
        for (_, result) in answer {
            try Canary.check(String(reflecting: result), "a helper's answer")
            if case .success(let secret) = result { try require(!secret.isBlank, "a secret is blank") }
        }
    }

    // MARK: Checks

    /// Reads twice, with the same result, which comes through the worker's pipe unchanged and holds no secret.
    private static func checkReading(_ item: GatherPlan.Item) throws {
        let reader = CredentialFactReader()
        let reading = reader.read(item, markers: ["fake-marker"])
        try require(reading == reader.read(item, markers: ["fake-marker"]), "one file is read as two facts")
        let sent = FactCoding.encode(reading).serialized()
        try Canary.check(sent.text, "a fact")
        let received = try FactCoding.reading(from: try JSONValue.parse(sent))
        try require(received == reading, "a fact is another one behind the worker's pipe")
        for problem in reading.problems { try check(problem) }
    }

    private static func check(_ problem: SourceProblem) throws(BrokenProperty) {
        try require(problem.message.utf8.count <= 1000, "a problem's words are endless")
        try Canary.check(problem.message + problem.remedy, "a problem")
    }

    /// Stores a key: it is there afterwards, and everything else is as it was.
    private static func checkEdit(in directory: FuzzDirectory) throws {
        let files = CredentialStoreFiles(StoreID(directory.path))
        let loader = CredentialStoreLoader()
        guard let before = loader.load(files).content?.document, before.origin == .profiles,
            let text = try directory.read("auth-profiles.json"), let old = strictValue(text)
        else { return }
        let id: ProfileID = "fuzz:new"
        let writer = CredentialStoreWriter(files) { Timestamp(milliseconds: 1_800_000_000_000) }
        _ = try writer.storeAPIKey(Secret("fake-key-of-the-fuzzer"), as: id, provider: "fuzz")
        guard let after = loader.load(files).content?.document,
            let written = try directory.read("auth-profiles.json"), let new = strictValue(written)
        else { throw BrokenProperty(description: "an edit left a store that can't be read") }
        try require(after.profiles[id] != nil, "a key that was stored is not there")
        for (key, profile) in before.profiles where key != id {
            try require(
                after.profiles[key]?.fact(markers: []) == profile.fact(markers: []), "an edit changed another profile")
        }
        for (key, value) in old.object ?? JSONObject() where key != "profiles" && key != "version" {
            guard !["order", "lastGood", "usageStats"].contains(key) else { continue }
            try require(new[key] == value, "an edit lost what nobody here understands")
        }
        for (key, value) in old["profiles"]?.object ?? JSONObject() where ProfileID(key) != id {
            try require(new["profiles"]?[key] == value, "an edit changed an entry that it is not about")
        }
    }

    private static func strictValue(_ bytes: [UInt8]) -> JSONValue? {
        do { return try JSONValue.parse(bytes) } catch { return nil }
    }

    /// The file with the canary in the place of each secret, as far as it is JSON.
    private static func planted(_ bytes: [UInt8]) -> [UInt8] {
        guard let value = strictValue(bytes) else { return bytes }
        return planted(value).serialized()
    }

    private static let secretKeys: Set<String> = [
        "access", "refresh", "token", "key", "idToken", "access_token", "refresh_token", "accessToken", "refreshToken",
        "OPENAI_API_KEY",
    ]

    private static func planted(_ value: JSONValue, depth: Int = 0) -> JSONValue {
        switch value {
        case .object(let object):
            .object(
                JSONObject(
                    object.map { key, inner in
                        let isSecret = secretKeys.contains(key) && (inner.string?.utf8.count ?? 0) > 3
                        return (key, isSecret ? .string(Canary.text) : planted(inner, depth: depth + 1))
                    }))
        case .array(let elements): .array(elements.map { planted($0, depth: depth + 1) })
        case .null, .bool, .number, .string: value
        }
    }
}

extension SourceReading {
    /// What is wrong with the source as a whole.
    fileprivate var problems: [SourceProblem] {
        func problem<Fact>(_ reading: Reading<Fact>) -> [SourceProblem] {
            if case .failed(let problem) = reading { [problem] } else { [] }
        }
        return switch self {
        case .store(_, let reading): problem(reading) + (reading.fact?.problems ?? [])
        case .login(_, let reading): problem(reading)
        case .googleCredentials(let reading): problem(reading)
        case .awsFiles(let reading): problem(reading) + (reading.fact?.problems ?? [])
        case .secretSource(_, let reading): problem(reading)
        }
    }
}
