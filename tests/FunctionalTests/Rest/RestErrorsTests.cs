using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.Rest;

// What is wrong is named, and what would be right where there is such a thing.
public sealed class RestErrorsTests
{
    private const string Options = "allowed: options.retention, options.max_bytes, options.max_messages, options.max_message_bytes, "
        + "options.deduplication_window, options.partitions, options.replicas";

    [Theory]
    [InlineData("GET", "/v1/nope", "", 404, 5, "Not Found")]
    [InlineData("GET", "/v1/events/a%2Fb", "", 404, 5, "Not Found")]
    [InlineData("POST", "/v1/events/", "{}", 400, 3, "event name is required")]
    [InlineData("DELETE", "/v1/events/", "", 400, 3, "event name is required")]
    [InlineData("POST", "/v1/events//messages", "{}", 400, 3, "event name is required")]
    [InlineData("PUT", "/v1/events//messages", "{}", 400, 3, "event name is required")]
    [InlineData("GET", "/v1/events//nope", "", 400, 3, "event name is required")]
    [InlineData("PUT", "/v1/events/", "{}", 405, 12, "method not allowed; allowed here: GET, HEAD")]
    [InlineData("PUT", "/v1/events/e", "{}", 405, 12, "method not allowed; allowed here: DELETE, GET, HEAD, POST")]
    [InlineData("OPTIONS", "/v1/ack", "", 405, 12, "method not allowed; allowed here: POST")]
    [InlineData("POST", "/v1/events/f?options.colour=1", "", 400, 3, "unknown parameter 'options.colour'; " + Options)]
    [InlineData("POST", "/v1/events/f?retention=1s", "", 400, 3, "unknown parameter 'retention'; " + Options)]
    [InlineData("POST", "/v1/events/f?options.retention=soon", "", 400, 3, "options.retention is 'soon'; allowed: seconds such as 86400s or 1.5s")]
    [InlineData("POST", "/v1/events/f?options.maxBytes=many", "", 400, 3, "options.maxBytes is 'many'; allowed: a whole number")]
    [InlineData("POST", "/v1/events/f?options.max_bytes=1&options.max_bytes=2", "", 400, 3, "options.max_bytes is given 2 times")]
    [InlineData("POST", "/v1/events/f?options.max_bytes=1", """{"options":{"retention":"1s"}}""", 400, 3, "options are given in the query and in the body")]
    [InlineData("POST", "/v1/events/e/seek", "{}", 400, 3, "worker_group (empty for the default group) or consumer_id is needed: whose place is to be moved")]
    [InlineData("POST", "/v1/events/e/seek", """{"worker_group":"","start_from":9}""", 400, 3, "start_from is 9, which is none of its values: 1 (beginning), 2 (latest), 3 (timestamp)")]
    [InlineData("POST", "/v1/events/e/seek", "{", 400, 3, "invalid JSON: syntax error at line 1, byte 2")]
    public async Task What_is_wrong_is_named(string method, string path, string body, int status, int code, string message)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var uri = new Uri(host.HttpAddress.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(method), uri) { Content = body.Length == 0 ? null : new StringContent(body) };

        using var response = await host.Http.SendAsync(request);

        Assert.Equal(((HttpStatusCode)status, code, message), await RestClient.ErrorOfAsync(response));
    }
}
