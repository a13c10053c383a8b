using System.Security.Cryptography;
using System.Text;

namespace EventBroker.Transport.Kafka.Tests.Security;

/// <summary>A cluster's side of one SASL exchange.</summary>
internal interface ISaslServer
{
    string Mechanism { get; }

    bool IsDone { get; }

    /// <summary>Takes what the client says.</summary>
    /// <returns>What is answered; null if the client is refused.</returns>
    byte[]? Answer(byte[] said);
}

/// <summary>Takes one fixed text.</summary>
internal sealed class FixedSaslServer(string mechanism, string expected) : ISaslServer
{
    public string Mechanism => mechanism;

    public bool IsDone { get; private set; }

    public static FixedSaslServer Plain(string user, string password) => new("PLAIN", $"\0{user}\0{password}");

    public static FixedSaslServer OAuthBearer(string token) => new("OAUTHBEARER", $"n,,\u0001auth=Bearer {token}\u0001\u0001");

    public byte[]? Answer(byte[] said)
    {
        IsDone = Encoding.UTF8.GetString(said) == expected;
        return IsDone ? [] : null;
    }
}

/// <summary>SCRAM (RFC 5802).</summary>
internal sealed class ScramServer(HashAlgorithmName hash, string user, string password) : ISaslServer
{
    private const int Iterations = 4_096;

    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(16);
    private string _firstBare = "";
    private string _serverFirst = "";

    public string Mechanism => hash == HashAlgorithmName.SHA256 ? "SCRAM-SHA-256" : "SCRAM-SHA-512";

    public bool IsDone { get; private set; }

    public byte[]? Answer(byte[] said)
    {
        var text = Encoding.UTF8.GetString(said);
        if (_serverFirst.Length > 0)
        {
            return Finish(text);
        }

        _firstBare = text[3..];
        if (!_firstBare.StartsWith($"n={user},r=", StringComparison.Ordinal))
        {
            return null;
        }

        var nonce = _firstBare[(_firstBare.IndexOf(",r=", StringComparison.Ordinal) + 3)..] + Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
        _serverFirst = $"r={nonce},s={Convert.ToBase64String(_salt)},i={Iterations}";
        return Encoding.UTF8.GetBytes(_serverFirst);
    }

    private byte[]? Finish(string text)
    {
        var proofAt = text.IndexOf(",p=", StringComparison.Ordinal);
        var message = Encoding.UTF8.GetBytes($"{_firstBare},{_serverFirst},{text[..proofAt]}");
        var length = hash == HashAlgorithmName.SHA256 ? 32 : 64;
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, _salt, Iterations, hash, length);
        var clientKey = Hmac(salted, "Client Key"u8);
        var signature = Hmac(hash == HashAlgorithmName.SHA256 ? SHA256.HashData(clientKey) : SHA512.HashData(clientKey), message);
        var proof = clientKey.Zip(signature, static (a, b) => (byte)(a ^ b)).ToArray();
        IsDone = text[(proofAt + 3)..] == Convert.ToBase64String(proof);
        return IsDone ? Encoding.UTF8.GetBytes("v=" + Convert.ToBase64String(Hmac(Hmac(salted, "Server Key"u8), message))) : null;
    }

    private byte[] Hmac(byte[] key, ReadOnlySpan<byte> text) =>
        hash == HashAlgorithmName.SHA256 ? HMACSHA256.HashData(key, text) : HMACSHA512.HashData(key, text);
}
