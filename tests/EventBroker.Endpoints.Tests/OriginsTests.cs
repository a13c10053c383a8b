using EventBroker.Endpoints.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints.Tests;

public sealed class OriginsTests
{
    [Theory]
    [InlineData("", null, null, true, null)]
    [InlineData("", null, "none", true, null)]
    [InlineData("", null, "same-origin", true, null)]
    [InlineData("", null, "cross-site", false, "unknown")]
    [InlineData("", null, "same-site", false, "unknown")]
    [InlineData("https://app.example.com", null, "cross-site", false, "unknown")]
    [InlineData("*", null, "cross-site", true, null)]
    [InlineData("", "http://broker.example.com", "same-origin", true, null)]
    [InlineData("", "https://BROKER.example.com", null, true, null)]
    [InlineData("", "broker.example.com", null, true, null)]
    [InlineData("", "http://broker.example.com:81", null, false, "http://broker.example.com:81")]
    [InlineData("", "https://app.example.com", null, false, "https://app.example.com")]
    [InlineData("https://app.example.com", "https://APP.example.com", null, true, "https://APP.example.com")]
    [InlineData("https://app.example.com", "https://evil.example.com", null, false, "https://evil.example.com")]
    [InlineData("*", "https://evil.example.com", null, true, "https://evil.example.com")]
    [InlineData("", "null", null, false, "null")]
    public void Pages_are_told_apart(string allowed, string? origin, string? site, bool isAllowed, string? foreign)
    {
        var options = new EventBrokerOptions();
        if (allowed.Length > 0)
        {
            options.AllowedOrigins.Add(allowed);
        }

        var request = new DefaultHttpContext().Request;
        request.Host = new HostString("broker.example.com");
        request.Headers.Origin = origin;
        if (site is not null)
        {
            request.Headers["Sec-Fetch-Site"] = site;
        }

        Assert.Equal((isAllowed, foreign), (new Origins(Options.Create(options)).IsAllowed(request, out var named), named));
    }

    [Fact]
    public void An_allowed_page_may_read_and_caches_keep_the_answers_apart()
    {
        var response = new DefaultHttpContext().Response;
        response.Headers.Vary = "Accept";

        Origins.AllowReading(response, "https://app.example.com");

        Assert.Equal("https://app.example.com", response.Headers.AccessControlAllowOrigin);
        Assert.Equal("Accept,Origin", response.Headers.Vary.ToString());
    }
}
