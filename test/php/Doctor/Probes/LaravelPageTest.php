<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Probes;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\Probes\Reply;
use Revurb\Tests\Support\AppTestCase;

final class LaravelPageTest extends AppTestCase
{
    #[TestWith(['/apps/123456/channels', 404])]
    #[TestWith(['/page', 200])]
    #[TestWith(['/form', 405])]
    public function test_a_page_of_laravel_is_recognised(string $path, int $status): void
    {
        $router = $this->application()->make('router');
        $router->get('/page', static fn (): string => '<html>');
        $router->post('/form', static fn (): string => '<html>');

        $response = $this->get($path);

        $response->assertStatus($status);
        $this->assertTrue((new Reply($status, ['cache-control' => (string) $response->headers->get('cache-control')]))->isOfLaravel());
    }

    public function test_a_page_of_a_web_server_is_not(): void
    {
        $this->assertFalse((new Reply(404, ['server' => 'nginx/1.22.1'], '<center>nginx/1.22.1</center>'))->isOfLaravel());
    }
}
