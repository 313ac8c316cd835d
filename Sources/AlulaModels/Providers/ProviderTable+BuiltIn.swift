package import AlulaPrimitives

extension ProviderTable {
    /// The providers that need no configuration beyond a login.
    package static let builtIn = ProviderTable(
        entries: ownEntries + vendorEntries + routerEntries + localEntries + toolEntries + mediaEntries,
        authAliases: builtInAuthAliases, modelAliases: builtInModelAliases
    )

    /// The provider of the test model.
    package static let testProvider: ProviderID = "alula"

    private static let ownEntries: [ProviderEntry] = [
        ProviderEntry(id: testProvider, displayName: "Alula (test)", api: .alulaEcho, ambientLogin: .builtIn)
    ]

    /// A vendor of hosted models.
    private static func vendor(
        _ id: ProviderID, _ name: String, _ baseURL: String?, _ variables: [String],
        _ api: APIKind = .openAICompletions, ambient: ProviderEntry.AmbientLogin? = nil, bypasses: Bool = false
    ) -> ProviderEntry {
        ProviderEntry(
            id: id, displayName: name, baseURL: baseURL, api: api, environmentVariables: variables,
            ambientLogin: ambient, bypassesCooldown: bypasses)
    }

    /// A model server nearby.
    private static func local(
        _ id: ProviderID, _ name: String, _ baseURL: String, _ variables: [String] = [],
        _ api: APIKind = .openAICompletions
    ) -> ProviderEntry {
        ProviderEntry(
            id: id, displayName: name, baseURL: baseURL, api: api, environmentVariables: variables, isLocal: true)
    }

    /// A login that another vendor's tool keeps.
    private static func tool(_ id: ProviderID, _ name: String, _ baseURL: String?, _ api: APIKind) -> ProviderEntry {
        ProviderEntry(id: id, displayName: name, baseURL: baseURL, api: api, ambientLogin: .commandLineTool)
    }

    /// A service without chat models. Its endpoint is not the gateway's business.
    private static func media(_ id: ProviderID, _ name: String, _ variables: [String]) -> ProviderEntry {
        ProviderEntry(
            id: id, displayName: name, api: .unknown("media"), environmentVariables: variables, isMediaOnly: true)
    }

    private static let vendorEntries: [ProviderEntry] = [
        vendor("openai", "OpenAI", "https://api.openai.com/v1", ["CODEX_API_KEY", "OPENAI_API_KEY"], .openAIResponses),
        vendor(
            "anthropic", "Claude", "https://api.anthropic.com", ["ANTHROPIC_OAUTH_TOKEN", "ANTHROPIC_API_KEY"],
            .anthropicMessages),
        vendor("anthropic-openai", "Claude (OpenAI API)", "https://api.anthropic.com/v1", ["ANTHROPIC_API_KEY"]),
        vendor("anthropic-vertex", "Claude on Vertex AI", nil, [], .anthropicMessages, ambient: .googleCredentials),
        vendor(
            "google", "Google", "https://generativelanguage.googleapis.com/v1beta",
            ["GEMINI_API_KEY", "GOOGLE_API_KEY"], .googleGenerativeAI),
        vendor(
            "google-vertex", "Google Vertex AI", nil, ["GOOGLE_CLOUD_API_KEY"], .googleVertex,
            ambient: .googleCredentials),
        // Key pairs, named profiles and roles belong to the AWS chain; alone, none of their variables is a credential.
        vendor(
            "amazon-bedrock", "Amazon Bedrock", nil, ["AWS_BEARER_TOKEN_BEDROCK"], .bedrockConverseStream,
            ambient: .awsChain),
        vendor("amazon-bedrock-mantle", "Amazon Bedrock Mantle", nil, ["AWS_BEARER_TOKEN_BEDROCK"]),
        vendor("microsoft-foundry", "Microsoft Foundry", nil, ["AZURE_OPENAI_API_KEY"], .openAIResponses),
        vendor(
            "github-copilot", "Copilot", "https://api.individual.githubcopilot.com",
            ["COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"], .githubCopilot),
        vendor("mistral", "Mistral", "https://api.mistral.ai/v1", ["MISTRAL_API_KEY"]),
        vendor("xai", "xAI", "https://api.x.ai/v1", ["XAI_API_KEY"], .openAIResponses),
        vendor("deepseek", "DeepSeek", "https://api.deepseek.com", ["DEEPSEEK_API_KEY"]),
        vendor("cohere", "Cohere", "https://api.cohere.ai/compatibility/v1", ["COHERE_API_KEY"]),
        vendor("longcat", "LongCat", "https://api.longcat.chat/openai", ["LONGCAT_API_KEY"]),
        vendor("meta", "Meta", "https://api.meta.ai/v1", ["MODEL_API_KEY"], .openAIResponses),
        vendor("arcee", "Arcee", "https://api.arcee.ai/api/v1", ["ARCEEAI_API_KEY"]),
        vendor(
            "minimax", "MiniMax", "https://api.minimax.io/anthropic",
            ["MINIMAX_CODE_PLAN_KEY", "MINIMAX_CODING_API_KEY", "MINIMAX_API_KEY"], .anthropicMessages),
        vendor(
            "minimax-portal", "MiniMax Portal", "https://api.minimax.io/anthropic",
            ["MINIMAX_OAUTH_TOKEN", "MINIMAX_API_KEY"], .anthropicMessages),
        vendor("minimax-cn", "MiniMax (China)", "https://api.minimaxi.com/anthropic", [], .anthropicMessages),
        vendor(
            "minimax-portal-cn", "MiniMax Portal (China)", "https://api.minimaxi.com/anthropic", [],
            .anthropicMessages),
        vendor("moonshot", "Moonshot", "https://api.moonshot.ai/v1", ["MOONSHOT_API_KEY", "KIMI_API_KEY"]),
        vendor(
            "kimi", "Kimi", "https://api.kimi.com/coding/", ["KIMI_API_KEY", "KIMICODE_API_KEY"], .anthropicMessages),
        vendor(
            "kimi-coding", "Kimi Coding", "https://api.kimi.com/coding/", ["KIMI_API_KEY", "KIMICODE_API_KEY"],
            .anthropicMessages),
        vendor("zai", "z.ai", "https://api.z.ai/api/paas/v4", ["ZAI_API_KEY", "Z_AI_API_KEY"]),
        vendor(
            "qwen", "Qwen", "https://coding-intl.dashscope.aliyuncs.com/v1",
            ["QWEN_API_KEY", "MODELSTUDIO_API_KEY", "DASHSCOPE_API_KEY"]),
        vendor(
            "qwen-dashscope", "Qwen (DashScope)", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
            ["DASHSCOPE_API_KEY"]),
        vendor("qwen-oauth", "Qwen Portal", "https://portal.qwen.ai/v1", ["QWEN_API_KEY"]),
        vendor("qianfan", "Qianfan", "https://qianfan.baidubce.com/v2", ["QIANFAN_API_KEY"]),
        vendor("stepfun", "StepFun", "https://api.stepfun.ai/v1", ["STEPFUN_API_KEY"]),
        vendor("stepfun-plan", "StepFun Plan", "https://api.stepfun.ai/step_plan/v1", ["STEPFUN_API_KEY"]),
        vendor("xiaomi", "Xiaomi", "https://api.xiaomimimo.com/v1", ["XIAOMI_API_KEY"]),
        vendor(
            "xiaomi-token-plan", "Xiaomi Token Plan", "https://token-plan-sgp.xiaomimimo.com/v1",
            ["XIAOMI_TOKEN_PLAN_API_KEY"]),
        vendor("volcengine", "Volcengine", "https://ark.cn-beijing.volces.com/api/v3", ["VOLCANO_ENGINE_API_KEY"]),
        vendor("volcengine-plan", "Volcengine Plan", "https://ark.cn-beijing.volces.com/api/coding/v3", []),
        vendor("byteplus", "BytePlus", "https://ark.ap-southeast.bytepluses.com/api/v3", ["BYTEPLUS_API_KEY"]),
        vendor("byteplus-plan", "BytePlus Plan", "https://ark.ap-southeast.bytepluses.com/api/coding/v3", []),
        vendor(
            "tencent-tokenhub", "Tencent TokenHub", "https://tokenhub.tencentmaas.com/v1",
            ["TOKENHUB_API_KEY", "TOKENPLAN_API_KEY"]),
        vendor(
            "perplexity", "Perplexity", "https://api.perplexity.ai", ["PERPLEXITY_API_KEY", "OPENROUTER_API_KEY"]),
    ]

    private static let routerEntries: [ProviderEntry] = [
        vendor("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", ["OPENROUTER_API_KEY"], bypasses: true),
        vendor("kilocode", "Kilo Code", "https://api.kilo.ai/api/gateway/", ["KILOCODE_API_KEY"], bypasses: true),
        vendor("opencode", "OpenCode Zen", "https://opencode.ai/zen/v1", ["OPENCODE_API_KEY", "OPENCODE_ZEN_API_KEY"]),
        vendor(
            "opencode-go", "OpenCode Go", "https://opencode.ai/zen/go/v1",
            ["OPENCODE_API_KEY", "OPENCODE_ZEN_API_KEY"]),
        vendor(
            "vercel-ai-gateway", "Vercel AI Gateway", "https://ai-gateway.vercel.sh", ["AI_GATEWAY_API_KEY"],
            .anthropicMessages),
        vendor(
            "cloudflare-ai-gateway", "Cloudflare AI Gateway", nil, ["CLOUDFLARE_AI_GATEWAY_API_KEY"],
            .anthropicMessages),
        vendor("clawrouter", "ClawRouter", nil, ["CLAWROUTER_API_KEY"], .openAIResponses),
        vendor("groq", "Groq", "https://api.groq.com/openai/v1", ["GROQ_API_KEY"]),
        vendor("together", "Together", "https://api.together.xyz/v1", ["TOGETHER_API_KEY"]),
        vendor("fireworks", "Fireworks", "https://api.fireworks.ai/inference/v1", ["FIREWORKS_API_KEY"]),
        vendor(
            "huggingface", "Hugging Face", "https://router.huggingface.co/v1", ["HUGGINGFACE_HUB_TOKEN", "HF_TOKEN"]),
        vendor("nvidia", "NVIDIA", "https://integrate.api.nvidia.com/v1", ["NVIDIA_API_KEY"]),
        vendor("cerebras", "Cerebras", "https://api.cerebras.ai/v1", ["CEREBRAS_API_KEY"]),
        vendor("baseten", "Baseten", "https://inference.baseten.co/v1", ["BASETEN_API_KEY"]),
        vendor("deepinfra", "DeepInfra", "https://api.deepinfra.com/v1/openai", ["DEEPINFRA_API_KEY"]),
        vendor("featherless", "Featherless", "https://api.featherless.ai/v1", ["FEATHERLESS_API_KEY"]),
        vendor("gmi", "GMI Cloud", "https://api.gmi-serving.com/v1", ["GMI_API_KEY"]),
        vendor("novita", "Novita", "https://api.novita.ai/openai/v1", ["NOVITA_API_KEY"]),
        vendor("chutes", "Chutes", "https://llm.chutes.ai/v1", ["CHUTES_API_KEY", "CHUTES_OAUTH_TOKEN"]),
        vendor("venice", "Venice", "https://api.venice.ai/api/v1", ["VENICE_API_KEY"]),
        vendor(
            "synthetic", "Synthetic", "https://api.synthetic.new/anthropic", ["SYNTHETIC_API_KEY"],
            .anthropicMessages),
        vendor("ollama-cloud", "Ollama Cloud", "https://ollama.com", ["OLLAMA_API_KEY"], .ollama),
    ]

    private static let localEntries: [ProviderEntry] = [
        local("ollama", "Ollama", "http://127.0.0.1:11434", ["OLLAMA_API_KEY"], .ollama),
        local("lmstudio", "LM Studio", "http://localhost:1234/v1", ["LM_API_TOKEN"]),
        local("vllm", "vLLM", "http://127.0.0.1:8000/v1", ["VLLM_API_KEY"]),
        local("sglang", "SGLang", "http://127.0.0.1:30000/v1", ["SGLANG_API_KEY"]),
        local("litellm", "LiteLLM", "http://localhost:4000", ["LITELLM_API_KEY"]),
        local("llama-cpp", "llama.cpp", "http://127.0.0.1:8080/v1"),
        local("inferrs", "inferrs", "http://127.0.0.1:8080/v1"),
        local("ds4", "ds4", "http://127.0.0.1:18000/v1"),
        local("copilot-proxy", "Copilot Proxy", "http://localhost:3000/v1"),
    ]

    private static let toolEntries: [ProviderEntry] = [
        tool("codex", "Codex CLI", nil, .openAIChatGPTResponses),
        tool("openai-codex", "OpenAI (ChatGPT login)", "https://chatgpt.com/backend-api", .openAIChatGPTResponses),
        tool("claude-cli", "Claude Code", "https://api.anthropic.com", .anthropicMessages),
        tool("google-gemini-cli", "Gemini", nil, .googleGenerativeAI),
    ]

    private static let mediaEntries: [ProviderEntry] = [
        media("alibaba", "Alibaba", ["MODELSTUDIO_API_KEY", "DASHSCOPE_API_KEY", "QWEN_API_KEY"]),
        media("azure", "Azure Speech", ["AZURE_SPEECH_KEY", "AZURE_SPEECH_API_KEY", "SPEECH_KEY"]),
        media("azure-speech", "Azure Speech", ["AZURE_SPEECH_KEY", "AZURE_SPEECH_API_KEY", "SPEECH_KEY"]),
        media("brave", "Brave Search", ["BRAVE_API_KEY"]),
        media("comfy", "Comfy", ["COMFY_API_KEY", "COMFY_CLOUD_API_KEY"]),
        media("deepgram", "Deepgram", ["DEEPGRAM_API_KEY"]),
        media("elevenlabs", "ElevenLabs", ["ELEVENLABS_API_KEY", "XI_API_KEY"]),
        media("exa", "Exa", ["EXA_API_KEY"]),
        media("fal", "fal", ["FAL_KEY", "FAL_API_KEY"]),
        media("firecrawl", "Firecrawl", ["FIRECRAWL_API_KEY"]),
        media("gradium", "Gradium", ["GRADIUM_API_KEY"]),
        media("inworld", "Inworld", ["INWORLD_API_KEY"]),
        media("pixverse", "PixVerse", ["PIXVERSE_API_KEY"]),
        media("runway", "Runway", ["RUNWAYML_API_SECRET", "RUNWAY_API_KEY"]),
        media("senseaudio", "SenseAudio", ["SENSEAUDIO_API_KEY"]),
        media("tavily", "Tavily", ["TAVILY_API_KEY"]),
        media(
            "volcengine-tts", "Volcengine Speech",
            ["VOLCENGINE_TTS_API_KEY", "BYTEPLUS_SEED_SPEECH_API_KEY", "VOLCENGINE_TTS_TOKEN"]),
        media("voyage", "Voyage", ["VOYAGE_API_KEY"]),
        media("vydra", "Vydra", ["VYDRA_API_KEY"]),
    ]

    /// `claude-cli` is missing on purpose. The reference maps it to `anthropic`, whereby an Anthropic API key passes
    /// for a Claude Code login and the other way round, and requests are then signed with the wrong one. Here the
    /// tool's login is a provider of its own.
    private static let builtInAuthAliases: [ProviderID: ProviderID] = [
        "byteplus-plan": "byteplus",
        "gmi-cloud": "gmi", "gmicloud": "gmi",
        "minimax-api": "minimax", "minimax-api-key-cn": "minimax", "minimax-api-lightning": "minimax",
        "minimax-cloud": "minimax", "minimax-cn": "minimax",
        "minimax-portal-cn": "minimax-portal",
        "modelstudio-api-key": "qwen", "modelstudio-api-key-cn": "qwen", "modelstudio-standard-api-key": "qwen",
        "modelstudio-standard-api-key-cn": "qwen",
        "moonshot-ai": "moonshot", "moonshotai": "moonshot",
        "novita-ai": "novita", "novitaai": "novita",
        "qwen-cli": "qwen-oauth", "qwen-portal": "qwen-oauth",
        "volcengine-plan": "volcengine",
    ]

    private static let builtInModelAliases: [ProviderID: ProviderID] = [
        "aws-bedrock": "amazon-bedrock", "bedrock": "amazon-bedrock",
        "bytedance": "volcengine", "doubao": "volcengine",
        "kimi-code": "kimi", "kimi-coding": "kimi",
        "modelstudio": "qwen", "qwencloud": "qwen",
        "opencode-go-auth": "opencode-go",
        "opencode-zen": "opencode",
        "z-ai": "zai", "z.ai": "zai",
    ]
}
