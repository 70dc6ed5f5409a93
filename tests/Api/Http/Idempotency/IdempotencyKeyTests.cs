using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Tests.Api.Http.Idempotency;

public sealed class IdempotencyKeyTests
{
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("\"abc\"", "abc")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("a b~!", "a b~!")]
    [InlineData("a\"b", "a\"b")]
    public void A_key_is_the_same_with_and_without_the_quotes_of_a_structured_field(string header, string key) =>
        Assert.Equal(key, IdempotencyKey.Parse(header));

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("\"abc")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\\b\"")]
    [InlineData("\"a\\\"")]
    [InlineData("\"")]
    [InlineData("a\tb")]
    [InlineData("é")]
    public void What_is_not_printable_ascii_is_no_key(string header) => Refused(header, "idempotency_key_invalid");

    [Fact]
    public void A_key_has_at_most_255_characters_not_counting_the_quotes()
    {
        Assert.Equal(255, IdempotencyKey.Parse('"' + new string('k', 255) + '"').Length);
        Refused(new string('k', 256), "idempotency_key_invalid");
    }

    [Fact]
    public void Two_keys_are_no_key() => Refused(new StringValues(["a", "b"]), "idempotency_key_invalid");

    [Fact]
    public void No_header_is_a_problem_of_its_own() => Refused(StringValues.Empty, "idempotency_key_missing");

    [Fact]
    public void The_operation_follows_from_method_path_and_key_alone()
    {
        var operation = Operation("POST", "/v1/orders", "k").Id;
        Assert.Equal(operation, Operation("POST", "/v1/orders", "\"k\"").Id);
        Assert.NotEqual(operation, Operation("PUT", "/v1/orders", "k").Id);
        Assert.NotEqual(operation, Operation("POST", "/v1/orders2", "k").Id);
        Assert.NotEqual(operation, Operation("POST", "/v1/orders", "K").Id);
        Assert.Equal(8, operation.Version);

        static Contracts.Operation Operation(string method, string path, string key)
        {
            var context = new DefaultHttpContext();
            context.Request.Method = method;
            context.Request.Headers[IdempotencyKey.Header] = key;
            return IdempotencyKey.Operation(context, path, 7);
        }
    }

    private static void Refused(StringValues header, string code) =>
        Assert.Equal(code, Assert.Throws<RefusedRequestException>(() => IdempotencyKey.Parse(header)).Problem.Code);
}
