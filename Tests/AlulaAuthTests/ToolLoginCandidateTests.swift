import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// One login of another tool is one way to reach its provider.
struct ToolLoginCandidateTests {
    private let now = Timestamp(milliseconds: 1_780_000_000_000)
    private let claude: ProfileID = "anthropic:claude-cli"

    private func evaluation(_ login: LoginFact, usage: [ProfileID: ProfileUsage] = [:]) -> ProviderEvaluation {
        let store = StoreID("/state/main")
        var context = AuthContext(agents: [], defaultAgent: .main, mainStore: store)
        context.providerIDs = ["claude-cli"]
        let facts = AuthFacts(
            stores: [store: .found(StoreFact(usage: usage), version: FactVersion(rawValue: 1))],
            logins: [.claudeCode: .found(login, version: FactVersion(rawValue: 2))])
        return ProviderEvaluator(context: context, facts: facts, now: now).evaluate("claude-cli", for: .main)
    }

    private func login(_ kind: ProfileFact.Kind, left: Duration = .seconds(7200)) -> LoginFact {
        LoginFact(
            tool: .claudeCode, kind: kind, digest: FactVersion(rawValue: 3), expiry: .at(now.advanced(by: left)),
            modified: now, path: "/home/ada/.claude/.credentials.json")
    }

    @Test(arguments: [ProfileFact.Kind.oauth, .token])
    func aLoginIsOneCandidate(kind: ProfileFact.Kind) {
        let evaluation = evaluation(login(kind))
        #expect(evaluation.candidates.map(\.profile) == [claude])
        #expect(evaluation.availability.isAvailable)
    }

    @Test func anEndedLoginIsOneCandidate() {
        let evaluation = evaluation(login(.oauth, left: .zero))
        #expect(evaluation.candidates.map(\.profile) == [claude])
        #expect(evaluation.availability == .unavailable(.expired, until: nil))
    }

    @Test func aLoginThatRestsIsNotReachedByAnotherName() {
        let until = now.advanced(by: .seconds(30))
        let evaluation = evaluation(login(.oauth), usage: [claude: ProfileUsage(cooldownUntil: until, errorCount: 1)])
        #expect(evaluation.availability == .unavailable(.coolingDown, until: until))
    }
}
