import { TestBed } from '@angular/core/testing';
import { provideObsConnection } from 'rx-obs-upload/angular';
import { createFakeObs } from 'rx-obs-upload/testing';
import { Uploads } from './uploads';

describe('Uploads', () => {
  it('uploads what is chosen', async () => {
    const { server, credentials, transport } = createFakeObs({ buckets: ['media'] });
    TestBed.configureTestingModule({ providers: [provideObsConnection({ server, credentials, transport })] });
    const fixture = TestBed.createComponent(Uploads);
    fixture.componentInstance.add([new File(['a film'], 'film.mp4')]);
    const text = (): string => {
      fixture.detectChanges();
      return (fixture.nativeElement as HTMLElement).textContent ?? '';
    };
    while (!text().includes('completed')) await new Promise((resolve) => setTimeout(resolve));
    expect(text()).toContain('film.mp4');
  });
});
