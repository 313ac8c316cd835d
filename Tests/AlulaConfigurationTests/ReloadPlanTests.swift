import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaConfiguration

struct ReloadPlanTests {
    private func plan(_ old: String, _ new: String) throws -> ReloadPlan {
        ReloadPlan(from: try MemoryFiles(main: old).loaded().resolved, to: try MemoryFiles(main: new).loaded().resolved)
    }

    // upstream: 10.9 reload: which paths reload what
    @Test(
        arguments: [
            ("{}", "{}", [], []), ("{gateway: {port: 1}}", "{gateway: {port: 2}}", ["gateway.port"], [.gatewayRestart]),
            (
                "{}", "{gateway: {auth: {token: 'x'}, bind: 'lan'}}", ["gateway.auth.token", "gateway.bind"],
                [.access, .gatewayRestart]
            ),
            ("{gateway: {reload: {mode: 'hot'}}}", "{}", ["gateway.reload.mode"], [.reloading]),
            ("{}", "{gateway: {remote: {url: 'x'}}}", ["gateway.remote.url"], []),
            ("{}", "{models: {providers: {a: {apiKey: 'x'}}}}", ["models.providers.a"], [.modelsAuth, .models]),
            (
                "{models: {providers: {a: {apiKey: 'x'}}}}", "{models: {providers: {a: {apiKey: 'y'}}}}",
                ["models.providers.a.apiKey"], [.modelsAuth, .models]
            ),
            ("{models: {mode: 'merge'}}", "{models: {mode: 'replace'}}", ["models.mode"], [.modelsAuth, .models]),
            ("{}", "{models: {pricing: {x: 1}}}", ["models.pricing.x"], [.models]),
            (
                "{agents: {defaults: {heartbeat: {every: '1h'}}}}", "{agents: {defaults: {heartbeat: {every: '2h'}}}}",
                ["agents.defaults.heartbeat.every"], [.heartbeat]
            ),
            (
                "{}", "{agents: {defaults: {heartbeat: {every: '2h'}}}}", ["agents.defaults.heartbeat.every"],
                [.heartbeat]
            ),
            (
                "{agents: {list: [{id: 'a', heartbeat: {to: 'x'}}]}}",
                "{agents: {list: [{id: 'a', heartbeat: {to: 'y'}}]}}", ["agents.list[0].heartbeat.to"], [.heartbeat]
            ),
            (
                "{agents: {list: [{id: 'a'}]}}", "{agents: {list: [{id: 'a', name: 'A'}]}}", ["agents.list[0].name"],
                [.agents]
            ),
            (
                "{agents: {list: [{id: 'a'}]}}", "{agents: {list: [{id: 'b'}]}}", ["agents.list[0].id"],
                [.agents, .models, .modelsAuth]
            ),
            (
                "{agents: {list: [{id: 'a'}]}}", "{agents: {list: [{id: 'a'}, {id: 'b'}]}}", ["agents.list"],
                [.agents, .models, .modelsAuth, .heartbeat]
            ),
            (
                "{agents: {entries: {a: {}}}}", "{agents: {entries: {a: {}, b: {name: 'B'}}}}", ["agents.entries.b"],
                [.agents, .models, .modelsAuth, .heartbeat]
            ),
            (
                "{agents: {entries: {a: {model: 'x/y'}}}}", "{agents: {entries: {a: {model: 'x/z'}}}}",
                ["agents.entries.a.model"], [.agents, .models, .modelsAuth]
            ),
            (
                "{agents: {defaults: {subagents: {model: 'a/b'}}}}",
                "{agents: {defaults: {subagents: {model: 'a/c', maxConcurrent: 1}}}}",
                ["agents.defaults.subagents.maxConcurrent", "agents.defaults.subagents.model"],
                [.agents, .models, .modelsAuth]
            ),
            (
                "{agents: {defaults: {userTimezone: 'UTC'}}}", "{agents: {defaults: {userTimezone: 'CET'}}}",
                ["agents.defaults.userTimezone"], [.agents]
            ), ("{}", "{auth: {cooldowns: {billingMaxHours: 1}}}", ["auth.cooldowns.billingMaxHours"], [.modelsAuth]),
            ("{auth: {order: {a: ['x']}}}", "{auth: {order: {a: []}}}", ["auth.order.a"], [.modelsAuth]),
            ("{}", "{secrets: {defaults: {env: 'x'}}}", ["secrets.defaults.env"], [.modelsAuth, .secrets]),
            ("{}", "{env: {vars: {A: '1'}}}", ["env.vars.A"], [.environment, .modelsAuth, .secrets]),
            ("{}", "{logging: {level: 'debug'}}", ["logging.level"], [.logging]),
            ("{channels: {telegram: {a: 1}}}", "{channels: {telegram: {a: 2}}}", ["channels.telegram.a"], [.channels]),
            ("{}", "{channels: {telegram: {botToken: 'x'}}}", ["channels.telegram"], [.channels]),
            (
                "{}", "{cron: {enabled: false}, hooks: {token: 'x'}}", ["cron.enabled", "hooks.token"],
                [.hooks, .schedules]
            ),
            (
                "{}", "{messages: {a: 1}, tools: {b: 1}, ui: {}, nobody: 1}",
                ["messages.a", "nobody", "tools.b", "ui"], []
            ),
            ("{meta: {lastTouchedAt: 'x'}}", "{meta: {lastTouchedAt: 'y'}}", ["meta.lastTouchedAt"], []),
            ("{a: {b: 1, c: 2}}", "{a: {c: 2, b: 1}}", [], []), ("{a: [1, 2]}", "{a: [1, 3]}", ["a[1]"], []),
        ] as [(String, String, [String], Set<ReloadPlan.Effect>)])
    func saysWhatAChangeTouches(old: String, new: String, paths: [String], effects: Set<ReloadPlan.Effect>) throws {
        let plan = try plan(old, new)
        #expect(plan.changedPaths.map(\.description) == paths)
        #expect(plan.effects == effects)
        #expect(plan.isNothing == effects.isEmpty)
        #expect(plan.restartPaths.isEmpty == !effects.contains(.gatewayRestart))
        #expect(try self.plan(new, old).changedPaths == plan.changedPaths)
    }

    // upstream: 10.9 reload: unrelated paths reload nothing
    @Test(.bug(id: "117411")) func heartbeatsAndChannelsNeverTouchProviderAuth() throws {
        let plan = try plan(
            "{agents: {defaults: {heartbeat: {target: 'last'}}, list: [{id: 'a', heartbeat: {}}]}, channels: {x: {a: 1}}, logging: {level: 'info'}}",
            "{agents: {defaults: {heartbeat: {target: 'none'}}, list: [{id: 'a', heartbeat: {every: '5m'}}]}, channels: {x: {a: 2}, y: {}}, logging: {level: 'warn'}}"
        )
        #expect(!plan.affectsProviderAuth)
        #expect(plan.effects == [.heartbeat, .channels, .logging])
    }

    @Test func aSectionThatBecameSomethingElseTouchesAllOfIt() throws {
        #expect(ReloadPlan(changedPaths: ["agents"]).effects.isSuperset(of: [.modelsAuth, .heartbeat, .agents]))
        #expect(ReloadPlan(changedPaths: [.root]).effects == Set(ReloadRule.table.flatMap(\.effects)))
        #expect(ReloadPlan(changedPaths: ["gateway"]).needsRestart)
    }

    @Test func whatNobodyReadsHasNoEffect() {
        let paths: [ConfigurationPath] = ["gateway.prot", "gateway.extra.deep", "gateway.port"]
        let plan = ReloadPlan(changedPaths: paths, ignoring: ["gateway.prot", "gateway.extra"])
        #expect(plan.changedPaths == paths)
        #expect(plan.restartPaths == ["gateway.port"])
        #expect(ReloadPlan(changedPaths: ["gateway.prot"], ignoring: ["gateway.prot"]).isNothing)
    }

    @Test func listsWhatNeedsARestart() {
        let plan = ReloadPlan(changedPaths: [
            "gateway.auth.mode", "gateway.bind", "gateway.port", "gateway.reload.mode", "gateway.tls.enabled",
        ])
        #expect(plan.restartPaths.map(\.description) == ["gateway.bind", "gateway.port", "gateway.tls.enabled"])
    }

    @Test func everyEffectHasARule() {
        let named = Set(ReloadRule.table.flatMap(\.effects))
        #expect(ReloadPlan.Effect.allCases.allSatisfy(named.contains))
    }
}
