using System.Security.Claims;
using EventBroker.Endpoints.Http;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Tests;

// What an authorizer sees of a call.
public sealed class HttpCallerTests
{
    private readonly DefaultHttpContext _http = new();

    // An application that embeds the broker may have authenticated the call by its own means.
    [Fact]
    public void The_applications_own_user_is_the_principal_once_it_is_authenticated()
    {
        var caller = HttpCaller.Of(_http, Protocols.Rest);
        Assert.Null(caller.Principal);

        _http.User = new ClaimsPrincipal(new ClaimsIdentity("cookie"));
        Assert.Same(_http.User, caller.Principal);
    }

    [Fact]
    public void Whom_an_authorizer_names_goes_before_the_applications_user()
    {
        _http.User = new ClaimsPrincipal(new ClaimsIdentity("cookie"));
        var named = new ClaimsPrincipal(new ClaimsIdentity("key"));

        var caller = HttpCaller.Of(_http, Protocols.Rest);
        caller.Principal = named;

        Assert.Same(named, caller.Principal);
    }

    [Fact]
    public void A_call_has_one_caller()
    {
        var caller = HttpCaller.Of(_http, Protocols.Sse);

        Assert.Same(caller, HttpCaller.ForStream(_http, Protocols.Rest));
        Assert.Equal(Protocols.Sse, caller.Protocol);
    }

    // The server reuses what a call was about for the next.
    [Fact]
    public void Where_a_streams_caller_is_from_is_known_after_its_call()
    {
        _http.Connection.Id = "first";
        _http.Connection.RemoteIpAddress = System.Net.IPAddress.Loopback;
        var caller = HttpCaller.ForStream(_http, Protocols.Sse);

        _http.Connection.Id = "second";
        _http.Connection.RemoteIpAddress = System.Net.IPAddress.Broadcast;

        Assert.Equal(("first", System.Net.IPAddress.Loopback), (caller.ConnectionId, caller.RemoteAddress));
    }

    [Fact]
    public void A_connection_without_an_id_counts_by_its_request()
    {
        _http.Connection.Id = null!;
        _http.TraceIdentifier = "request";

        Assert.Equal("request", HttpCaller.Of(_http, Protocols.Rest).ConnectionId);
    }

    [Fact]
    public void Headers_are_counted_and_joined_and_the_first_parameter_is_taken()
    {
        _http.Request.Headers["key"] = new(["a", "b"]);
        _http.Request.QueryString = new QueryString("?key=1&key=2");

        var caller = HttpCaller.Of(_http, Protocols.Rest);

        Assert.Equal((2, "a,b", "1"), (caller.CountHeaders("KEY"), caller.GetHeader("KEY"), caller.GetQueryParameter("key")));
        Assert.Equal((0, null, null), (caller.CountHeaders("other"), caller.GetHeader("other"), caller.GetQueryParameter("other")));
    }
}
