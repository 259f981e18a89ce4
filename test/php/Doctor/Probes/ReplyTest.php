<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Probes;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Revurb\Doctor\Probes\Reply;

final class ReplyTest extends TestCase
{
    public function test_a_header_that_is_absent_is_empty_and_a_body_that_is_no_json_too(): void
    {
        $reply = new Reply(200, ['server' => 'nginx'], '{"a"', 5.0);

        $this->assertSame(['nginx', '', []], [$reply->header('server'), $reply->header('date'), $reply->json()]);
        $this->assertSame(['a' => 1], (new Reply(200, [], '{"a":1}'))->json());
    }

    /** @param  array{string, bool, bool}  $expected  the code, whether the key is refused, and whether the secret is */
    #[TestWith(['', ['', false, false]])]
    #[TestWith(['request-path', ['request-path', false, false]])]
    #[TestWith(['request-signature', ['request-signature', false, true]])]
    #[TestWith(['request-signature; part=auth_key', ['request-signature', true, false]])]
    #[TestWith(['request-signature;new=1;part=auth_key', ['request-signature', true, false]])]
    #[TestWith(['request-signature; part=body_md5', ['request-signature', false, true]])]
    #[TestWith(['request-limit; part=auth_key', ['request-limit', false, false]])]
    public function test_the_refusal_of_the_server_is_read_from_its_header_alone(string $header, array $expected): void
    {
        $reply = new Reply(401, ['revurb-refusal' => $header], 'Some sentence.');

        $this->assertSame($expected, [$reply->refusal(), $reply->refusesKey(), $reply->refusesSecret()]);
    }
}
