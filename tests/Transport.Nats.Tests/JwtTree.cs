using System.Text;
using System.Text.Json.Nodes;
using NATS.NKeys;

namespace EventBroker.Transport.Nats.Tests;

// An operator with an account with a user, as a server with JWTs knows them.
internal sealed class JwtTree : IDisposable
{
    private readonly KeyPair _operator = KeyPair.CreatePair(PrefixByte.Operator);
    private readonly KeyPair _account = KeyPair.CreatePair(PrefixByte.Account);
    private readonly KeyPair _user = KeyPair.CreatePair(PrefixByte.User);

    public string ServerConfiguration =>
        $$"""
        operator: {{Sign(_operator, _operator, "operator", [])}}
        resolver: MEMORY
        resolver_preload: { {{_account.GetPublicKey()}}: {{Sign(_account, _operator, "account", AccountLimits())}} }
        """;

    public string Credentials =>
        $"""
        -----BEGIN NATS USER JWT-----
        {Sign(_user, _account, "user", UserLimits())}
        ------END NATS USER JWT------

        -----BEGIN USER NKEY SEED-----
        {_user.GetSeed()}
        ------END USER NKEY SEED------

        """;

    public void Dispose()
    {
        _operator.Dispose();
        _account.Dispose();
        _user.Dispose();
    }

    private static JsonObject AccountLimits() => new()
    {
        ["limits"] = new JsonObject
        {
            ["subs"] = -1,
            ["data"] = -1,
            ["payload"] = -1,
            ["imports"] = -1,
            ["exports"] = -1,
            ["wildcards"] = true,
            ["conn"] = -1,
            ["leaf"] = -1,
        },
    };

    private static JsonObject UserLimits() => new()
    {
        ["pub"] = new JsonObject(),
        ["sub"] = new JsonObject(),
        ["subs"] = -1,
        ["data"] = -1,
        ["payload"] = -1,
    };

    private static string Sign(KeyPair subject, KeyPair issuer, string type, JsonObject nats)
    {
        nats["type"] = type;
        nats["version"] = 2;
        var claims = new JsonObject
        {
            ["jti"] = Guid.NewGuid().ToString("n"),
            ["iat"] = 1_767_323_045,
            ["iss"] = issuer.GetPublicKey(),
            ["name"] = type,
            ["sub"] = subject.GetPublicKey(),
            ["nats"] = nats,
        };
        var signed = Encode("""{"typ":"JWT","alg":"ed25519-nkey"}"""u8) + '.' + Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        var signature = new byte[64];
        issuer.Sign(Encoding.ASCII.GetBytes(signed), signature);
        return signed + '.' + Encode(signature);
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
