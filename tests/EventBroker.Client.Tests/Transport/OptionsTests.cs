namespace EventBroker.Client.Tests.Transport;

public sealed class OptionsTests
{
    private static readonly Uri Address = new("http://127.0.0.1:1");

    [Fact]
    public void Every_fault_is_named()
    {
        var options = new RemoteTransportOptions
        {
            AttemptTimeout = TimeSpan.FromMilliseconds(1),
            ConnectTimeout = TimeSpan.Zero,
            MaxMessageBytes = 1,
            Source = "Zoë",
        };
        options.Headers["bad name"] = "v";
        options.Headers["x-bin"] = "v";
        options.Headers["x-break"] = "a\r\nb: c";
        options.Retry.MaxRetries = -1;
        options.Retry.FirstBackoff = TimeSpan.FromSeconds(2);
        options.Retry.LongestBackoff = TimeSpan.FromSeconds(1);
        options.Reconnect.FirstBackoff = TimeSpan.FromSeconds(-1);
        options.Reconnect.MaxRetries = -1;
        options.CircuitBreaker.FailureThreshold = 1;
        options.CircuitBreaker.FailureRatio = double.NaN;
        options.CircuitBreaker.SamplingTime = TimeSpan.Zero;
        options.CircuitBreaker.RecoveryTime = TimeSpan.Zero;
        options.KeepAliveInterval = TimeSpan.Zero;
        options.KeepAliveTimeout = TimeSpan.Zero;
        options.SettlementBatchSize = 0;
        options.SettlementLinger = TimeSpan.FromHours(1);

        var exception = Assert.Throws<ArgumentException>(() => new RemoteTransport(options));

        Assert.All(
            (string[])["Address", "AttemptTimeout", "ConnectTimeout", "MaxMessageBytes", "Source", "Headers['bad name']", "Headers['x-bin']", "Headers['x-break']",
                "Retry.MaxRetries", "Retry.LongestBackoff", "Reconnect.FirstBackoff", "Reconnect.MaxRetries",
                "CircuitBreaker.FailureThreshold", "CircuitBreaker.FailureRatio", "CircuitBreaker.SamplingTime", "CircuitBreaker.RecoveryTime",
                "KeepAliveInterval", "KeepAliveTimeout", "SettlementBatchSize", "SettlementLinger"],
            name => Assert.Contains(name + " ", exception.Message, StringComparison.Ordinal));
    }

    // The edges of what is allowed are taken by everything below as well.
    [Fact]
    public async Task The_least_and_the_most_are_taken()
    {
        foreach (var (time, count) in new[] { (TimeSpan.FromMilliseconds(10), 2), (TimeSpan.FromDays(1), 100) })
        {
            var half = time < TimeSpan.FromMilliseconds(500) ? TimeSpan.FromMilliseconds(500) : time;
            var second = time < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : time;
            var options = new RemoteTransportOptions { Address = Address, AttemptTimeout = time, ConnectTimeout = time, MaxMessageBytes = 1024 };
            options.Retry = new RetryOptions { MaxRetries = count, FirstBackoff = time, LongestBackoff = time };
            options.Reconnect = new RetryOptions { MaxRetries = null, FirstBackoff = time, LongestBackoff = time };
            options.CircuitBreaker = new CircuitBreakerOptions
            {
                Enabled = true,
                FailureRatio = 1,
                FailureThreshold = count,
                SamplingTime = half,
                RecoveryTime = half,
            };
            (options.KeepAliveInterval, options.KeepAliveTimeout) = (second, second);
            await using var transport = new RemoteTransport(options);
        }

        var zero = new RemoteTransportOptions { Address = Address };
        zero.Retry = new RetryOptions { MaxRetries = 1, FirstBackoff = TimeSpan.Zero, LongestBackoff = TimeSpan.Zero };
        zero.Reconnect = new RetryOptions { MaxRetries = null, FirstBackoff = TimeSpan.Zero, LongestBackoff = TimeSpan.Zero };
        await using var other = new RemoteTransport(zero);
    }

    [Fact]
    public void Tokens_are_not_sent_unencrypted_to_another_machine()
    {
        var options = new RemoteTransportOptions { Address = new Uri("http://broker.example"), TokenProvider = static _ => new("t") };

        Assert.Contains("TokenProvider", Assert.Throws<ArgumentException>(() => new RemoteTransport(options)).Message, StringComparison.Ordinal);
        options.AllowTokenWithoutTls = true;
        _ = new RemoteTransport(options);
    }

    [Fact]
    public async Task Every_fault_of_a_subscription_is_named_before_the_broker_is_asked()
    {
        await using var transport = new RemoteTransport(new RemoteTransportOptions { Address = Address });
        var options = new SubscribeOptions
        {
            Start = SubscriptionStart.Timestamp,
            ResumeAfter = "c",
            ConsumerId = "",
            MaxAge = TimeSpan.Zero,
            AckTimeout = TimeSpan.Zero,
            MaxInFlight = 0,
            BufferSize = 0,
            BufferBytes = 0,
        };

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => transport.SubscribeAsync("e", options));

        Assert.All(
            (string[])["StartTime", "ResumeAfter", "ConsumerId", "MaxAge", "AckTimeout", "MaxInFlight", "BufferSize", "BufferBytes"],
            name => Assert.Contains(name + " ", exception.Message, StringComparison.Ordinal));
    }
}
