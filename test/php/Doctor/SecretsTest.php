<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor;

use PHPUnit\Framework\TestCase;
use Revurb\Doctor\Secrets;

final class SecretsTest extends TestCase
{
    public function test_secrets_are_masked_and_short_words_are_not(): void
    {
        $this->assertSame('with ******** and on', (new Secrets(['on', 'the-secret', null, ['a']]))->mask('with the-secret and on'));
    }
}
