import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaJSON
import AlulaPrimitives
import AlulaState
import AlulaSystem
import Synchronization

@testable import AlulaCLI
@testable import AlulaGateway

/// A command line with nothing real behind it: texts for files, and answers from a table.
final class CommandScene: Sendable {
    static let now = Timestamp(milliseconds: 1_780_000_000_000)

    let terminal: FakeTerminal
    let credentials = FakeCredentialEditor()
    let signIn = FakeSignIn()
    let runner = FakeRunner()
    private let state: Mutex<State>

    struct State {
        var configuration = #"{ "gateway": { "mode": "local" } }"#
        var isConfigurationMissing = false
        var variables: [String: String] = ["HOME": "/home/me"]
        var localAnswers: [String: JSONValue] = [:]
        var gatewayAnswers: [String: JSONValue] = [:]
        /// What a method fails with, in turn, before it is answered.
        var failures: [String: [CommandError]] = [:]
        /// What can be read from files that somebody names.
        var texts: [String: String] = [:]
        var running: RunningGateway?
        var refusal: CommandError?
        var prepared: PreparedAuth?
        var files: [String: FileInspection] = [:]
        var usedPorts: Set<Int> = []
        var asked: [(method: String, parameters: JSONValue, isGateway: Bool)] = []
        var connections: [(url: String, credential: String?)] = []
        var ranHelpers = false
        /// What the log file answers, in turn; the last one again and again.
        var logParts: [JSONValue] = []
        /// Runs while a command waits; `false` ends the waiting.
        var pauses = 0
        var onPause: @Sendable (Int, inout State) -> Bool = { _, _ in false }
        /// What service programs answer, by their command line.
        var services: [String: ServiceReply] = [:]
        /// What asking a service program comes to instead.
        var serviceFailure: SystemError?
        var serviceCalls: [String] = []
        var serviceFiles: [String: String] = [:]
        var hello: JSONValue?
        /// Pages that the gateway serves over HTTP, and what was shown for them.
        var pages: [String: String] = [:]
        var pageCredentials: [String?] = []
        var screen: FakeScreen?
    }

    init(input: String? = nil, isInteractive: Bool = false, _ change: (inout State) -> Void = { _ in }) {
        terminal = FakeTerminal(input: input, isInteractive: isInteractive)
        var state = State()
        change(&state)
        self.state = Mutex(state)
    }

    var asked: [String] { state.withLock { $0.asked.map(\.method) } }
    var lastParameters: JSONValue? { state.withLock { $0.asked.last?.parameters } }
    /// What the last question of that name came with.
    func parameters(of method: String) -> JSONValue? {
        state.withLock { $0.asked.last { $0.method == method }?.parameters }
    }

    var connections: [(url: String, credential: String?)] { state.withLock { $0.connections } }
    var askedGateway: Bool { state.withLock { $0.asked.contains(where: \.isGateway) } }
    var ranHelpers: Bool { state.withLock { $0.ranHelpers } }

    /// Runs one command line, given as a person types it.
    @discardableResult
    func run(_ line: String...) async -> ExitStatus { await run(line) }

    /// The same with the words as a list.
    @discardableResult
    func run(_ line: [String]) async -> ExitStatus { await CommandLineTool.run(line, in: testEnvironment) }

    /// Makes scenes whose configuration is answered as given, and can be patched.
    static func answering(_ answer: JSONValue) -> @Sendable ((inout State) -> Void) -> CommandScene {
        { change in
            CommandScene {
                $0.localAnswers = ["config.get": answer, "config.patch": ["ok": true]]
                change(&$0)
            }
        }
    }

    /// Has the next call of `method` fail.
    func fail(_ method: String, with error: CommandError) {
        state.withLock { $0.failures[method, default: []].append(error) }
    }

    var testEnvironment: CommandEnvironment {
        var environment = CommandEnvironment(
            variables: state.withLock { $0.variables }, currentDirectory: "/home/me", version: "1.2.3",
            terminal: terminal, now: { CommandScene.now }, utcOffset: { _ in 0 }, directoryExists: { _ in true },
            locator: self, connector: self, runner: runner, localAnswers: { _ in FakeAnswers(self, isGateway: false) },
            loadConfiguration: { context in self.load(context.layout.configuration) },
            configurationText: { _ in FakeConfigurationText(text: "{}") },
            credentials: { _ in self.credentials }, files: self)
        environment.logs = { _ in self }
        environment.services = self
        environment.readText = { name in
            guard let text = self.state.withLock({ $0.texts[name] }) else {
                throw CommandError(.notFound, "There is no file of that name.")
            }
            return text
        }
        environment.pages = self
        environment.signIn = { _ in self.signIn }
        environment.openBrowser = { self.signIn.opened($0) }
        environment.takeScreen = { self.state.withLock { $0.screen } }
        // A second passes with every look.
        environment.elapsed = { .seconds(self.state.withLock { $0.pauses }) }
        environment.pause = { _ in
            try Task.checkCancellation()
            await Task.yield()
            let goesOn = self.state.withLock { state in
                state.pauses += 1
                return state.onPause(state.pauses, &state)
            }
            if !goesOn { throw CancellationError() }
        }
        return environment
    }

    /// What service programs were told, and which files there are.
    var serviceCalls: [String] { state.withLock { $0.serviceCalls } }
    var serviceFiles: [String: String] { state.withLock { $0.serviceFiles } }

    fileprivate var hello: JSONValue? { state.withLock { $0.hello } }

    private func load(_ path: String) -> ConfigurationOutcome {
        ConfigurationLoader(readFile: reading(path)).load(path: path)
    }

    private func reading(_ path: String) -> ConfigurationLoader.ReadFile {
        let text = state.withLock { $0.isConfigurationMissing ? nil : $0.configuration }
        return { (asked, _) throws(ConfigurationError) in
            guard asked == path, let text else { return nil }
            return ConfigurationFile(bytes: Array(text.utf8), realPath: path)
        }
    }

    /// What the gateway's own code answers about the scene's configuration.
    private var shownConfiguration: JSONValue {
        let path = "/home/me/.openclaw/openclaw.json"
        return ConfigurationDesk.show(ConfigurationEditor(path: path, readFile: reading(path)).snapshot())
    }

    fileprivate func answer(_ method: String, _ parameters: JSONValue, isGateway: Bool) throws -> JSONValue {
        let answer = try state.withLock { state -> JSONValue? in
            state.asked.append((method, parameters, isGateway))
            if var failures = state.failures[method], !failures.isEmpty {
                let next = failures.removeFirst()
                state.failures[method] = failures
                throw next
            }
            return isGateway ? state.gatewayAnswers[method] : state.localAnswers[method]
        }
        if answer == nil, method == "config.get" { return shownConfiguration }
        guard let answer else { throw CommandError(.requestRefused, "unknown method: \(method)") }
        return answer
    }

    fileprivate func prepared(runsHelpers: Bool) throws -> PreparedAuth {
        let prepared = state.withLock { state in
            state.ranHelpers = runsHelpers
            return state.prepared
        }
        guard let prepared else { throw CommandError(.unavailable, "Nothing was prepared.") }
        return prepared
    }
}

extension CommandScene: GatewayLocating, GatewayConnecting, PageFetching, FileInspecting {
    func runningGateway(_ context: CommandContext) async throws -> RunningGateway? { state.withLock { $0.running } }

    func connect(
        to url: String, credential: GatewayCredential?, timeout: Duration
    ) async throws -> any AnswerSource {
        let shown = Self.shown(credential)
        let refusal = state.withLock { state in
            state.connections.append((url, shown))
            return state.refusal
        }
        if let refusal { throw refusal }
        return FakeAnswers(self, isGateway: true)
    }

    private static func shown(_ credential: GatewayCredential?) -> String? {
        switch credential {
        case .token(let secret): "token \(secret.exposed)"
        case .password(let secret): "password \(secret.exposed)"
        case nil: nil
        }
    }

    func fetch(
        _ path: String, of url: String, credential: GatewayCredential?, timeout: Duration
    ) async throws -> String {
        let page = state.withLock { state in
            state.pageCredentials.append(Self.shown(credential))
            return state.pages[path]
        }
        guard let page else {
            throw CommandError(.credentialRejected, "The gateway does not show \(path) to this caller.")
        }
        return page
    }

    var pageCredentials: [String?] { state.withLock { $0.pageCredentials } }

    func inspect(_ path: String) async throws -> FileInspection? { state.withLock { $0.files[path] } }
    func isPortInUse(_ port: Int) async -> Bool { state.withLock { $0.usedPorts.contains(port) } }
    func watchLimits() async -> (watches: Int, instances: Int)? { (65_536, 128) }
}

extension CommandScene: LogReading, ServiceControlling {
    var executable: String { "/opt/alula/bin/alula" }

    func tail(cursor: Int64?, maximumLines: Int, maximumBytes: Int) async throws -> JSONValue {
        let part = state.withLock { state -> JSONValue? in
            state.logParts.count > 1 ? state.logParts.removeFirst() : state.logParts.first
        }
        guard let part else { throw CommandError(.unavailable, "There is no log file.") }
        return part
    }

    func run(_ program: String, _ arguments: [String], deadline: Deadline) async throws -> ServiceReply? {
        let line = ([program] + arguments).joined(separator: " ")
        return try state.withLock { state in
            state.serviceCalls.append(line)
            if let failure = state.serviceFailure { throw failure }
            return state.services.first { line.hasPrefix($0.key) }?.value
        }
    }

    func read(_ path: String) async throws -> String? { state.withLock { $0.serviceFiles[path] } }
    func write(_ text: String, to path: String) async throws { state.withLock { $0.serviceFiles[path] = text } }
    func remove(_ path: String) async throws { state.withLock { $0.serviceFiles[path] = nil } }
}

/// Answers from the scene's tables.
struct FakeAnswers: LocalAnswering {
    private let scene: CommandScene
    private let isGateway: Bool

    init(_ scene: CommandScene, isGateway: Bool) {
        self.scene = scene
        self.isGateway = isGateway
    }

    func ask(_ method: String, _ parameters: JSONValue) async throws -> JSONValue {
        try scene.answer(method, parameters, isGateway: isGateway)
    }

    var hello: JSONValue? { isGateway ? scene.hello : nil }

    func prepared(runsHelpers: Bool) async throws -> PreparedAuth { try scene.prepared(runsHelpers: runsHelpers) }
}

/// Keeps what is written.
final class FakeTerminal: Terminal {
    private let streams = Mutex((output: "", error: ""))
    private let input: String?
    private let answers: Mutex<[String]>
    let isInputInteractive: Bool
    let isOutputInteractive: Bool
    /// After so many texts nobody reads any more.
    private let patience = Mutex<Int?>(nil)

    init(input: String?, isInteractive: Bool) {
        self.input = input
        answers = Mutex(input?.split(separator: "\n").map(String.init) ?? [])
        isInputInteractive = isInteractive
        isOutputInteractive = isInteractive
    }

    var output: String { streams.withLock { $0.output } }
    var errors: String { streams.withLock { $0.error } }

    var isOutputGone: Bool { patience.withLock { $0.map { $0 <= 0 } ?? false } }

    /// Whoever reads goes away after so many texts.
    func read(only count: Int) { patience.withLock { $0 = count } }

    func write(_ text: String) {
        patience.withLock { left in left = left.map { $0 - 1 } }
        streams.withLock { $0.output += text }
    }

    func writeError(_ text: String) { streams.withLock { $0.error += text } }
    func readSecret(prompt: String) async throws -> Secret? { input.map { Secret($0) } }

    func readAnswer(prompt: String) async throws -> String? {
        writeError(prompt)
        return answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    func readLine(until deadline: Deadline) async throws -> String? {
        let line = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard line == nil, isInputInteractive else { return line }
        // A person goes on sitting there.
        for await _ in AsyncStream<Never>.makeStream().stream {}
        try Task.checkCancellation()
        return nil
    }

    /// The only document on standard output.
    var document: JSONValue? {
        do { return try JSONValue.parse(output) } catch { return nil }
    }
}

/// A screen that keeps what was shown on it.
final class FakeScreen: Screen {
    let events: AsyncStream<ScreenEvent>
    private let event: AsyncStream<ScreenEvent>.Continuation
    private let state: Mutex<(size: ScreenSize, frames: [[String]], timesLeft: Int)>

    init(columns: Int = 80, rows: Int = 24) {
        (events, event) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        state = Mutex((ScreenSize(columns: columns, rows: rows), [], 0))
    }

    var size: ScreenSize { state.withLock { $0.size } }
    var frames: [[String]] { state.withLock { $0.frames } }
    var timesLeft: Int { state.withLock { $0.timesLeft } }

    func resize(columns: Int, rows: Int) {
        state.withLock { $0.size = ScreenSize(columns: columns, rows: rows) }
        send(.redraw)
    }

    func send(_ event: ScreenEvent) { self.event.yield(event) }
    func show(_ lines: [String]) { state.withLock { $0.frames.append(lines) } }
    func leave() { state.withLock { $0.timesLeft += 1 } }
}

/// Remembers which changes were asked for.
final class FakeCredentialEditor: CredentialEditing {
    private let state = Mutex((calls: [String](), orders: [ProviderID: [ProfileID]](), isReadOnly: false))

    var calls: [String] { state.withLock { $0.calls } }

    private func note(_ call: String) { state.withLock { $0.calls.append(call) } }

    func storeAPIKey(
        _ key: Secret, as profile: ProfileID, provider: ProviderID, in store: CredentialPlace
    ) async throws -> String {
        note("key \(key.exposed) as \(profile) for \(provider) in \(store.directory)")
        return "\(store.directory)/auth-profiles.json"
    }

    func storeToken(
        _ token: Secret, as profile: ProfileID, provider: ProviderID, expiry: Timestamp?, in store: CredentialPlace
    ) async throws -> String {
        note("token \(token.exposed) as \(profile) for \(provider) until \(expiry.map { "\($0)" } ?? "-")")
        return "\(store.directory)/auth-profiles.json"
    }

    func storeLogin(
        _ login: IssuedLogin, as chosen: ProfileID?, in store: CredentialPlace
    ) async throws -> (profile: ProfileID, path: String) {
        let profile = chosen ?? login.standardID
        note("login of \(login.provider) as \(profile) in \(store.directory)")
        return (profile, "\(store.directory)/auth-profiles.json")
    }

    func assertUsable(_ store: CredentialPlace) async throws {
        if state.withLock({ $0.isReadOnly }) { throw CommandError(.storeUnavailable, "The stores are read-only.") }
    }

    func makeReadOnly() { state.withLock { $0.isReadOnly = true } }

    func signOut(of provider: ProviderID, in store: CredentialPlace) async throws -> [ProfileID] {
        note("sign out of \(provider) in \(store.directory)")
        return [ProfileID("openai:default")]
    }

    func order(of provider: ProviderID, in store: CredentialPlace) async throws -> [ProfileID]? {
        state.withLock { $0.orders[provider] }
    }

    func setOrder(_ profiles: [ProfileID], of provider: ProviderID, in store: CredentialPlace) async throws {
        state.withLock { $0.orders[provider] = profiles }
    }

    func clearOrder(of provider: ProviderID, in store: CredentialPlace) async throws {
        state.withLock { $0.orders[provider] = nil }
    }

    func clearCooldowns(
        in store: CredentialPlace, where matches: @escaping @Sendable (ProfileID, ProviderID?) -> Bool
    ) async throws -> [ProfileID] {
        [("anthropic:work", "anthropic"), ("groq:default", nil), ("openai:a", "openai")]
            .map { (ProfileID($0), $1.map { ProviderID($0) }) }
            .filter { matches($0.0, $0.1) }.map(\.0)
    }
}

/// Remembers how the gateway was started.
final class FakeRunner: GatewayRunning {
    private let requests = Mutex<[GatewayRunRequest]>([])

    var last: GatewayRunRequest? { requests.withLock { $0.last } }

    func run(_ request: GatewayRunRequest, in context: CommandContext) async throws -> ExitStatus {
        requests.withLock { $0.append(request) }
        return .done
    }
}
