import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import Testing

struct FailoverChainTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)
    private let first = ModelReference(provider: "openai", model: "gpt-5.5")
    private let second = ModelReference(provider: "anthropic", model: "claude-opus-4-6")
    private let third = ModelReference(provider: "xai", model: "grok")
    private let work = Login.profile("openai:work")
    private let home = Login.profile("openai:home")
    private let claude = Login.profile("anthropic:default")

    private var plan: FailoverPlan {
        FailoverPlan(candidates: [
            .init(model: first, logins: [work, home]), .init(model: second, logins: [claude]),
            .init(model: third, logins: [], exclusion: "no login"),
        ])
    }

    private func chain(
        resting: [Login: Int] = [:], mayProbe: Bool = true, policy: FailoverPolicy = .standard
    ) -> FailoverChain {
        FailoverChain(
            plan, policy: policy,
            in: .init(
                now: now,
                window: { [now] route in
                    resting[route.login].map {
                        UsageWindow(kind: .cooldown, reason: .overloaded, until: now.advanced(by: .seconds($0)))
                    }
                }, claimProbe: { _ in mayProbe }))
    }

    @Test func holdsEveryLoginThatCouldHaveItsTurn() {
        let chain = chain()
        #expect(chain.attempts.map(\.route.login) == [work, home, claude])
        #expect(chain.attempts.map(\.number) == [1, 2, 3])
        #expect(chain.passedOver == [.excluded(third, "no login")])
    }

    /// How often logins change after one kind of failure says nothing about what a request would meet after another.
    @Test func limitsOfRotationsDoNotShortenIt() {
        let policy = FailoverPolicy(maximumRotations: [.unclassified: 0])
        #expect(chain(policy: policy).attempts.map(\.route.login) == [work, home, claude])
    }

    @Test func whatRestsIsPassedOverOrAskedWhetherItStillHasTo() {
        #expect(chain(resting: [work: 3600]).attempts.map(\.route.login) == [home, claude])
        let soon = chain(resting: [work: 60, home: 90])
        #expect(soon.attempts.map(\.route.login) == [work, claude])
        #expect(soon.attempts.map(\.isProbe) == [true, false])
        let taken = chain(resting: [work: 60, home: 90], mayProbe: false)
        #expect(taken.attempts.map(\.route.login) == [claude])
        guard case .resting(first, let window)? = taken.passedOver.first else {
            Issue.record("\(taken.passedOver)")
            return
        }
        #expect(window.until == now.advanced(by: .seconds(60)))
    }

    @Test func anEmptyPlanAsksNobody() {
        let chain = FailoverChain(FailoverPlan(candidates: []), in: .init(now: now))
        #expect(chain.attempts.isEmpty)
        #expect(chain.passedOver.isEmpty)
    }
}
