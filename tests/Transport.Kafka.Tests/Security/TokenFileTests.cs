using System.Buffers.Text;
using System.Text;
using EventBroker.Transport.Kafka.Clients;
using EventBroker.Transport.Kafka.Settings;

namespace EventBroker.Transport.Kafka.Tests.Security;

// What stands in the file with a token.
public sealed class TokenFileTests : IDisposable
{
    private readonly SecretFiles _files = new();

    [Fact]
    public void A_web_token_lasts_until_its_own_end()
    {
        var end = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        var text = $"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"exp":{{end}}}"""))}.x";
        Assert.Equal((text, end * 1_000), Read(text + "\n"));
    }

    [Theory]
    [InlineData("opaque")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.x")]
    public void One_that_says_nothing_of_its_end_lasts_as_long_as_the_settings_say(string text)
    {
        var before = TimeProvider.System.GetUtcNow();
        var (read, expires) = Read(text);
        Assert.Equal(text, read);
        Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(expires), before.AddMinutes(5).AddSeconds(-1), TimeProvider.System.GetUtcNow().AddMinutes(5));
    }

    [Theory]
    [InlineData(" \n", "empty")]
    [InlineData("e30.eyJleHAiOjF9.x", "expired")]
    public void One_that_is_empty_or_over_is_refused(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => Read(text)).Message, StringComparison.Ordinal);

    public void Dispose() => _files.Dispose();

    private (string Text, long Expires) Read(string text) =>
        TokenFile.Read(new KafkaSaslSettings { TokenPath = _files.Write("token", text) }, TimeProvider.System);
}
