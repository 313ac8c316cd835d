import AlulaAuth
import AlulaPrimitives
import AlulaState
import Testing

@testable import AlulaGateway

struct GatherPlannerTests {
    private func items(_ scene: Installation, _ variables: [String: String] = [:]) -> [GatherPlan.Item] {
        scene.load(variables).inputs(knowing: nil).items
    }

    @Test func readsEachStoreOnceAndOldLoginsWithTheMainOne() throws {
        let scene = try Installation(
            "{agents: {list: [{id: 'main'}, {id: 'second'}, {id: 'same', agentDir: '~/own'}]}}")
        let stores = items(scene).compactMap { item -> (String, Bool)? in
            if case .store(let store, let legacy, let shared) = item {
                (store.directory, legacy != nil && shared != nil)
            } else {
                nil
            }
        }
        let agents = scene.path("state/agents")
        #expect(stores.map(\.0) == ["\(agents)/main/agent", "\(agents)/second/agent", scene.path("own")])
        #expect(stores.map(\.1) == [true, false, false])
    }

    @Test func readsWhatServesEverybodyBeforeTheManyStores() throws {
        let scene = try Installation(
            """
            {agents: {list: [{id: 'main'}, {id: 'second'}, {id: 'third'}]},
             secrets: {providers: {kept: {source: 'file', path: '~/secrets.json'}}},
             models: {providers: {mine: {baseUrl: 'http://127.0.0.1:1/v1', models: [],
                      apiKey: {source: 'file', provider: 'kept', id: '/a/key'}}}}}
            """)
        let areStores = items(scene).map { if case .store = $0 { true } else { false } }
        #expect(areStores.count { $0 } == 3)
        #expect(areStores == areStores.filter { !$0 } + areStores.filter { $0 })
        #expect(areStores.first == false)
    }

    @Test(
        arguments: [
            ([:], "~/.codex/auth.json"), (["CODEX_HOME": "/c"], "/c/auth.json"),
            (["CODEX_HOME": "~/c"], "~/c/auth.json"), (["CODEX_HOME": " "], "~/.codex/auth.json"),
        ] as [([String: String], String)])
    func findsTheCodexProgramsLogin(variables: [String: String], path: String) throws {
        let scene = try Installation()
        let expected = path.hasPrefix("~/") ? scene.home + path.dropFirst() : path
        #expect(items(scene, variables).contains(.login(.codex, path: expected)))
    }

    @Test(
        arguments: [
            ([:], "~/.config/gh/hosts.yml"), (["XDG_CONFIG_HOME": "/x"], "/x/gh/hosts.yml"),
            (["XDG_CONFIG_HOME": "/x", "GH_CONFIG_DIR": "/g"], "/g/hosts.yml"),
        ] as [([String: String], String)])
    func findsTheGitHubProgramsLogin(variables: [String: String], path: String) throws {
        let scene = try Installation()
        let expected = path.hasPrefix("~/") ? scene.home + path.dropFirst() : path
        #expect(items(scene, variables).contains(.login(.githubCLI, path: expected)))
    }

    @Test func explicitPathsOfCloudsAreTheOnlyOnes() throws {
        let scene = try Installation()
        let found = items(
            scene,
            [
                "GOOGLE_APPLICATION_CREDENTIALS": "~/adc.json", "AWS_CONFIG_FILE": "/a/config",
                "AWS_WEB_IDENTITY_TOKEN_FILE": "/a/token",
            ])
        #expect(found.contains(.googleCredentials(paths: [scene.path("adc.json")])))
        #expect(
            found.contains(
                .awsFiles(
                    configPath: "/a/config", credentialsPath: scene.path(".aws/credentials"),
                    webIdentityTokenPath: "/a/token")))
    }

    @Test func asksASecretsFileForWhatIsPointedAt() throws {
        let scene = try Installation(
            """
            {secrets: {providers: {kept: {source: 'file', path: '~/secrets.json'}}},
             models: {providers: {mine: {baseUrl: 'http://127.0.0.1:1/v1', models: [],
                      apiKey: {source: 'file', provider: 'kept', id: '/a/key'}}}}}
            """)
        let found = items(scene).compactMap { item -> (String, [String])? in
            if case .secretFile("kept", let path, false, _, let ids) = item { (path, ids) } else { nil }
        }
        #expect(found.map(\.0) == [scene.path("secrets.json")])
        #expect(found.map(\.1) == [["/a/key"]])
    }

    @Test func aChangedFileMakesItsOwnSourceDirtyAndNothingElse() throws {
        let scene = try Installation("{agents: {list: [{id: 'main'}, {id: 'second'}]}}")
        let state = scene.load()
        let items = state.inputs(knowing: nil).items
        let plan = WatchPlan(
            items: items, configurationPaths: state.configurationPaths, modelPaths: state.modelPaths,
            devicePaths: state.layout.devicePaths)
        let second = StoreID(scene.path("state/agents/second/agent"))
        for name in ["auth-profiles.json", "auth-state.json", "openclaw-agent.sqlite-wal"] {
            #expect(plan.meanings(of: ["\(second.directory)/\(name)"]) == [.source(.store(second))])
        }
        #expect(plan.meanings(of: [scene.path(".codex/auth.json")]) == [.source(.login(.codex))])
        #expect(plan.meanings(of: [scene.path(".aws/config")]) == [.source(.awsFiles)])
        #expect(plan.meanings(of: [scene.path("state/openclaw.json")]) == [.configuration])
        #expect(plan.meanings(of: [scene.path("state/.env")]) == [.configuration])
        #expect(plan.meanings(of: [scene.path("state/agents/main/agent/models.json")]) == [.models])
        #expect(plan.meanings(of: [scene.path("state/devices/paired.json")]) == [.devices])
        let database = plan.meanings(of: [scene.path("state/state/openclaw.sqlite-wal")])
        #expect(database.contains(.devices))
        #expect(plan.meanings(of: ["/elsewhere"]).isEmpty)
        // Every source has a file that tells of its change.
        let watched = plan.meanings(of: plan.paths)
        for item in items { #expect(watched.contains(.source(item.source))) }
    }
}
