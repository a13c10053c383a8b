using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace EventBroker.FunctionalTests.Clients;

internal static class RestClient
{
    public static async Task RegisterAsync(this HttpClient http, string name)
    {
        using var response = await http.PostAsync(new Uri($"/v1/events/{name}", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    public static async Task<string> PublishAsync(this HttpClient http, string name, string id, string payload = "")
    {
        var body = JsonSerializer.Serialize(new { id, payload = Convert.ToBase64String(Encoding.UTF8.GetBytes(payload)) });
        using var response = await http.PostTextAsync($"/v1/events/{name}/messages", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    // Returns the result of the one entry.
    public static async Task<string> SettleAsync(this HttpClient http, string ackId, string error = "")
    {
        using var response = await http.PostTextAsync("/v1/ack", JsonSerializer.Serialize(new { entries = new[] { new { ack_id = ackId, error } } }));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("results")[0].GetString()!;
    }

    public static async Task<HttpResponseMessage> PostTextAsync(this HttpClient http, string path, string body)
    {
        using var content = new StringContent(body);
        return await http.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    public static async Task<(HttpStatusCode Status, int Code, string Message)> GetErrorAsync(this HttpClient http, string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        return await ErrorOfAsync(response);
    }

    public static async Task<(HttpStatusCode Status, int Code, string Message)> ErrorOfAsync(HttpResponseMessage response)
    {
        // A stream would never end.
        Assert.False(response.IsSuccessStatusCode);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(0, body.GetProperty("details").GetArrayLength());
        return (response.StatusCode, body.GetProperty("code").GetInt32(), body.GetProperty("message").GetString()!);
    }
}
